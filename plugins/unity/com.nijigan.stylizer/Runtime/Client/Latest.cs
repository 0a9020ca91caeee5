using System;
using Nijigan.Grpc;

namespace Nijigan
{
    /// <summary>Tells somebody the latest of some values: one that is slow to listen misses some, and
    /// nothing heaps up.</summary>
    internal sealed class Latest<T>
    {
        private readonly IProgress<T> listener;
        private readonly SerialQueue queue;
        private readonly object sync = new object(); // of the two below
        private T value;
        private bool waits;

        public Latest(IProgress<T> listener, SerialQueue queue)
        {
            this.listener = listener;
            this.queue = queue;
        }

        /// <summary>Tells a value of a call, soon. What the listener throws ends the call.</summary>
        public void Tell(T next, GrpcCall of)
        {
            lock (sync)
            {
                value = next;
                if (waits) return;
                waits = true;
            }
            queue.Add(() => Report(of));
        }

        private void Report(GrpcCall of)
        {
            T next;
            lock (sync)
            {
                next = value;
                waits = false;
            }
            if (of.HasFailed) return; // who was told so wants to hear no more
            try
            {
                listener.Report(next);
            }
            catch (Exception error) // the caller's own
            {
                of.Finish(error);
            }
        }
    }
}
