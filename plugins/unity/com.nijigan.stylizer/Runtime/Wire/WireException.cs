using System;

namespace Nijigan.Wire
{
    /// <summary>Bytes that are no message.</summary>
    internal sealed class WireException : Exception
    {
        public WireException(string message)
            : base(message)
        {
        }
    }
}
