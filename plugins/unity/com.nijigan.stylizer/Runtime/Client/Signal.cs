using System;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace Nijigan
{
    /// <summary>
    /// What a ValueTask waits for, again and again without an allocation. One waits at a time; the
    /// owner guards the order of calls.
    /// </summary>
    /// <typeparam name="T">What is waited for.</typeparam>
    internal sealed class Signal<T> : IValueTaskSource<T>, IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<T> core = new ManualResetValueTaskSourceCore<T>
        {
            RunContinuationsAsynchronously = true,
        };

        /// <summary>Whether somebody waits.</summary>
        public bool Pending { get; private set; }

        /// <summary>Begins to wait.</summary>
        public void Begin()
        {
            core.Reset();
            Pending = true;
        }

        public ValueTask<T> WaitForResult() => new ValueTask<T>(this, core.Version);

        public ValueTask Wait() => new ValueTask(this, core.Version);

        /// <summary>Ends the waiting, where somebody waits.</summary>
        public void Set(T result)
        {
            if (!Pending) return;
            Pending = false;
            core.SetResult(result);
        }

        /// <summary>The same, with an error.</summary>
        public void Fail(Exception error)
        {
            if (!Pending) return;
            Pending = false;
            core.SetException(error);
        }

        T IValueTaskSource<T>.GetResult(short token) => core.GetResult(token);

        void IValueTaskSource.GetResult(short token) => core.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => core.GetStatus(token);

        ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => core.GetStatus(token);

        void IValueTaskSource<T>.OnCompleted(Action<object> continuation, object state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            core.OnCompleted(continuation, state, token, flags);
        }

        void IValueTaskSource.OnCompleted(Action<object> continuation, object state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            core.OnCompleted(continuation, state, token, flags);
        }
    }
}
