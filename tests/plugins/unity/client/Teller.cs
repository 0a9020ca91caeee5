using System;

namespace Nijigan.Tests
{
    /// <summary>Calls at once, where .NET's Progress posts.</summary>
    internal sealed class Teller<T> : IProgress<T>
    {
        private readonly Action<T> tell;

        public Teller(Action<T> tell)
        {
            this.tell = tell;
        }

        public void Report(T value) => tell(value);
    }
}
