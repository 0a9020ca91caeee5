using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan.Http2
{
    /// <summary>
    /// The client's side of one HTTP/2 connection (RFC 9113): any number of streams at once.
    /// </summary>
    /// <remarks>
    /// One thread reads and one writes; each may wait for the peer, and neither waits for the other.
    /// So a peer's pings are answered, and streams reset, whatever the callers do. What the two share
    /// is guarded by one lock, which is never held while the socket is used or a stream is told
    /// anything.
    /// </remarks>
    internal sealed partial class Http2Connection : IDisposable
    {
        /// <summary>What a peer may send on one stream before some of it is given back.</summary>
        public const int StreamWindow = 8 << 20;

        private const int ConnectionWindow = 64 << 20;
        private const int GoodbyeMs = 1000;
        private const int MostHeaderBytes = 1 << 16;
        private const int HeaderTableBytes = 4096;
        private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

        private readonly object gate = new object();
        private readonly Stream stream;
        private readonly Dictionary<int, Http2Stream> streams = new Dictionary<int, Http2Stream>();
        private readonly Queue<Opening> waiting = new Queue<Opening>(); // for the peer to allow more streams
        private readonly PeerSettings peer = new PeerSettings();
        private readonly TaskCompletionSource<bool> greeting =
            new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        private int nextId = 1;
        private string refusal; // null while streams can be opened
        private string remedy;
        private bool closed;
        private Timer goodbye; // for a peer that does not read why the connection ends

        /// <summary>Begins to speak HTTP/2. The stream's Read and Write block, and may be called at
        /// once; disposing it ends both.</summary>
        public Http2Connection(Stream stream)
        {
            this.stream = stream;
            frames = new FrameReader(stream);
            receiveWindow = new FlowWindow(ConnectionWindow);
            sendWindow = new FlowWindow(PeerSettings.FirstWindow);
            byte[] preface = Encoding.ASCII.GetBytes(Preface);
            control.Add(preface, 0, preface.Length);
            FrameWriter.Settings(
                control,
                PeerSettings.EnablePush, 0,
                PeerSettings.InitialWindowSize, StreamWindow,
                PeerSettings.MaxFrameSize, FrameReader.MostPayload,
                PeerSettings.MaxHeaderListSize, MostHeaderBytes);
            FrameWriter.WindowUpdate(control, 0, ConnectionWindow - PeerSettings.FirstWindow);
            new Thread(Receive) { IsBackground = true, Name = "nijigan receives" }.Start();
            new Thread(Send) { IsBackground = true, Name = "nijigan sends" }.Start();
        }

        /// <summary>Whether streams can be opened; if not, a new connection is needed.</summary>
        public bool Accepting
        {
            get
            {
                lock (gate) return refusal == null;
            }
        }

        /// <summary>How many frames have come; a number that stays says that nobody is heard.</summary>
        public long FramesHeard => Interlocked.Read(ref framesHeard);

        /// <summary>Whether all is over: no stream is open, and none can be.</summary>
        public bool Over
        {
            get
            {
                lock (gate) return closed;
            }
        }

        /// <summary>Completes when the peer has spoken HTTP/2: with false where it did not. A process
        /// that is being killed still has its port, and takes connections that it will never
        /// answer.</summary>
        public Task<bool> Greeting => greeting.Task;

        /// <summary>Opens a stream, as soon as the peer allows. Where none can be opened any more, the
        /// events are told so.</summary>
        public Http2Stream Open(IReadOnlyList<Header> headers, IStreamEvents events, IBody body)
        {
            var opened = new Http2Stream(events, body);
            lock (gate)
            {
                if (refusal == null)
                {
                    waiting.Enqueue(new Opening(opened, headers));
                    OpenWaiting();
                    return opened;
                }
            }
            events.OnFailure(refusal, remedy);
            return opened;
        }

        /// <summary>Has the body read again: there is something to be sent.</summary>
        public void Wake()
        {
            lock (gate) Monitor.Pulse(gate);
        }

        /// <summary>Ends a stream that nobody listens to any more. Its body is not read once this has
        /// returned; its events may be told of what was just coming.</summary>
        public void Reset(Http2Stream ended)
        {
            lock (gate) Close(ended, Http2Error.Cancel);
        }

        /// <summary>Gives back bytes that a stream was told; the peer may send as many more.</summary>
        public void Credit(Http2Stream credited, int count)
        {
            lock (gate)
            {
                credited.Uncredited += count;
                if (credited.Closed || credited.Uncredited < StreamWindow / 4) return;
                credited.ReceiveWindow.TryAdd(credited.Uncredited);
                FrameWriter.WindowUpdate(control, credited.Id, credited.Uncredited);
                credited.Uncredited = 0;
                Monitor.Pulse(gate);
            }
        }

        /// <summary>Takes no more streams; those that there are go on. For a peer that is not heard any
        /// more: a network that is gone says nothing.</summary>
        public void Leave()
        {
            lock (gate)
            {
                refusal = refusal ?? "The connection is silent.";
                remedy = remedy ?? "Retry.";
            }
        }

        /// <summary>Ends the connection where no stream is left, and none can be opened.</summary>
        public void EndIfIdle()
        {
            bool over;
            lock (gate) over = refusal != null && streams.Count == 0;
            if (over) End("the sidecar is about to end", Http2Error.NoError);
        }

        /// <summary>Ends all streams, and the connection.</summary>
        public void Dispose() => End("it was closed", Http2Error.NoError);

        private static void Tell(List<Http2Stream> told, string fact, string remedy)
        {
            foreach (Http2Stream each in told) each.Events.OnFailure(fact, remedy);
        }

        private void OpenWaiting()
        {
            while (waiting.Count > 0 && streams.Count < peer.Streams)
            {
                Opening next = waiting.Dequeue();
                if (next.Stream.Closed) continue;
                next.Stream.Id = nextId;
                nextId += 2;
                next.Stream.SendWindow = new FlowWindow(peer.Window);
                next.Stream.ReceiveWindow = new FlowWindow(StreamWindow);
                streams.Add(next.Stream.Id, next.Stream);
                senders.Add(next.Stream);
                encoder.Encode(next.Headers, block);
                FrameWriter.Headers(control, next.Stream.Id, block, peer.Frame);
                Monitor.Pulse(gate);
            }
        }

        /// <summary>Forgets a stream; the peer is told where it does not know that it is over.</summary>
        private void Close(Http2Stream ended, Http2Error error)
        {
            if (ended.Closed) return;
            ended.Closed = true;
            if (ended.Id == 0) return;
            streams.Remove(ended.Id);
            senders.Remove(ended);
            FrameWriter.ResetStream(control, ended.Id, error);
            OpenWaiting();
            Monitor.Pulse(gate);
        }

        /// <summary>Takes no more streams, and returns those that the peer will not answer.</summary>
        private List<Http2Stream> Refuse(string fact, string remedy, int after)
        {
            var ended = new List<Http2Stream>();
            refusal = refusal ?? fact;
            this.remedy = this.remedy ?? remedy;
            foreach (Opening each in waiting)
                if (!each.Stream.Closed) ended.Add(each.Stream);
            waiting.Clear();
            foreach (Http2Stream each in streams.Values)
                if (each.Id > after) ended.Add(each);
            foreach (Http2Stream each in ended)
            {
                each.Closed = true;
                streams.Remove(each.Id);
                senders.Remove(each);
            }
            return ended;
        }

        private void End(string reason, Http2Error error)
        {
            const string Remedy = "Start the sidecar, or check the address.";
            string fact = $"The connection is gone ({reason}).";
            List<Http2Stream> ended;
            lock (gate)
            {
                if (closed) return;
                closed = true;
                ended = Refuse(fact, Remedy, after: 0);
                if (error != Http2Error.NoError) FrameWriter.GoAway(control, error);
                goodbye = new Timer(_ => stream.Dispose(), null, GoodbyeMs, Timeout.Infinite);
                Monitor.PulseAll(gate);
            }
            greeting.TrySetResult(false);
            Tell(ended, fact, Remedy);
            if (error == Http2Error.NoError) stream.Dispose(); // else when it was told why
        }

        private readonly struct Opening
        {
            public readonly Http2Stream Stream;
            public readonly IReadOnlyList<Header> Headers;

            public Opening(Http2Stream stream, IReadOnlyList<Header> headers)
            {
                Stream = stream;
                Headers = headers;
            }
        }
    }
}
