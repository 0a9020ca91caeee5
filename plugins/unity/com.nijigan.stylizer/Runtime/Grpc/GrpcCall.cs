using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using Nijigan.Http2;
using Nijigan.Wire;

namespace Nijigan.Grpc
{
    /// <summary>
    /// One call: messages out, messages in, and how it ended, which is told once. The lock that
    /// subclasses have too is held while they are told something.
    /// </summary>
    internal abstract class GrpcCall : IStreamEvents
    {
        private const long LongestMs = 99999999; // 8 digits, by the protocol

        protected readonly object Sync = new object();
        private readonly MessageReader incoming = new MessageReader();
        private readonly CallStatus status = new CallStatus();
        private readonly MessageBody body;
        private Http2Connection connection;
        private Http2Stream stream;
        private CancellationTokenRegistration registration;
        private Timer deadline;
        private TimeSpan timeout;
        private long heardBefore; // of the connection, when we began to wait
        private bool ended; // nothing more comes
        private Exception ending; // null where it went well

        protected GrpcCall(MessageBody body)
        {
            this.body = body;
        }

        /// <summary>Whether it was told how the call ended.</summary>
        protected bool Finished { get; private set; }

        /// <summary>Whether it ended with an error.</summary>
        public bool HasFailed { get; private set; }

        /// <summary>Makes the call. It is told how it ended, now or later.</summary>
        /// <param name="over">The connection.</param>
        /// <param name="headers">What the server needs to know.</param>
        /// <param name="timeout">How long all of it may take.</param>
        /// <param name="cancel">Ends it at once.</param>
        public void Start(Http2Connection over, IEnumerable<Header> headers, TimeSpan timeout, CancellationToken cancel)
        {
            var all = new List<Header>(headers);
            bool limited = timeout != Timeout.InfiniteTimeSpan;
            long milliseconds = Math.Min(LongestMs, Math.Max(1, (long)timeout.TotalMilliseconds));
            if (limited) all.Add(new Header("grpc-timeout", milliseconds.ToString(CultureInfo.InvariantCulture) + "m"));
            lock (Sync)
            {
                this.timeout = timeout;
                connection = over;
                registration = cancel.Register(() => Finish(new OperationCanceledException(cancel)));
                if (Finished) return;
                WaitAnew();
                stream = over.Open(all, this, body);
                if (limited && !Finished) deadline = new Timer(_ => GiveUp(TooLate()), null, milliseconds, Timeout.Infinite);
            }
        }

        /// <summary>Ends the call, with that error.</summary>
        public void Finish(Exception error)
        {
            lock (Sync)
            {
                if (Finished) return;
                Finished = true;
                HasFailed = error != null;
                if (stream != null) connection.Reset(stream);
                OnFinished(error);
            }
            // On another thread: where the call is being cancelled, this waits for who does that, and
            // who does that may wait for our lock.
            ThreadPool.QueueUserWorkItem(_ => LetGo());
        }

        /// <summary>Says that from now on something is waited for; see <see cref="GiveUp"/>.</summary>
        protected void WaitAnew() => heardBefore = connection.FramesHeard;

        /// <summary>Ends the call as too late. Where nothing at all came since something is waited for,
        /// of this call or another, the next calls do without this connection: the network may be gone.</summary>
        protected void GiveUp(DeadlineException error)
        {
            Http2Connection silent;
            lock (Sync) silent = !Finished && connection.FramesHeard == heardBefore ? connection : null;
            silent?.Leave(); // before anybody is told, who may call again at once
            Finish(error);
            silent?.EndIfIdle();
        }

        void IStreamEvents.OnHeaders(IReadOnlyList<Header> headers)
        {
            lock (Sync) status.Add(headers);
        }

        void IStreamEvents.OnData(byte[] buffer, int offset, int count)
        {
            lock (Sync)
            {
                if (Finished) return;
                if (status.IsGrpc) incoming.Add(buffer, offset, count);
                else connection.Credit(stream, count);
                Pump();
            }
        }

        void IStreamEvents.OnEnd() => End(null);

        void IStreamEvents.OnFailure(string fact, string remedy) => End(new SidecarNotRunningException(fact, remedy));

        /// <summary>Has messages taken that were not before.</summary>
        protected void Pump()
        {
            try
            {
                while (!Finished && incoming.Has())
                {
                    if (!OnMessage(incoming.Array, incoming.Offset, incoming.Count)) return;
                    connection.Credit(stream, incoming.Next());
                }
            }
            catch (WireException error)
            {
                Finish(new IncompatibleException($"An answer cannot be read ({error.Message})", "Update the older of sidecar and client.", inner: error));
            }
            catch (Exception error) // a caller's own, or of a message that is not taken
            {
                Finish(error);
            }
            if (ended) Finish(ending);
        }

        /// <summary>Has the body read again.</summary>
        protected void Wake() => connection.Wake();

        /// <summary>Takes a message; false where it cannot be taken now. The array is used again.</summary>
        protected abstract bool OnMessage(byte[] buffer, int offset, int count);

        /// <summary>Told how the call ended; null: well.</summary>
        protected abstract void OnFinished(Exception error);

        private void End(Exception failure)
        {
            lock (Sync)
            {
                ended = true;
                ending = failure ?? status.ToError();
                if (ending == null && incoming.EndsAmidMessage())
                    ending = new SidecarNotRunningException("The answer is cut off.", "Retry.");
                Pump();
            }
        }

        private DeadlineException TooLate()
        {
            string seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            return new DeadlineException($"There is no result after {seconds} s.", "Allow more time, or send a smaller picture.");
        }

        private void LetGo()
        {
            CancellationTokenRegistration registered;
            lock (Sync)
            {
                deadline?.Dispose();
                registered = registration;
            }
            registered.Dispose();
        }
    }
}
