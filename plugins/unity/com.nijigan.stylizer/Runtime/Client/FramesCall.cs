using System;
using System.Threading.Tasks;
using Nijigan.Grpc;
using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>The call of a <see cref="FrameStream"/>.</summary>
    internal sealed class FramesCall : GrpcCall
    {
        private readonly MessageBody body;
        private readonly Signal<bool> sent;
        private readonly Signal<DrawnFrame?> drawn = new Signal<DrawnFrame?>();
        private readonly StylizeFramesRequest request = new StylizeFramesRequest { Frame = new Frame() };
        private readonly StylizeFramesResponse response = new StylizeFramesResponse();
        private readonly Reader reader = new Reader();
        private readonly PictureFormat format;
        private readonly PictureFormat resultFormat;
        private readonly PictureRegion? region;
        private PictureBuffer into; // null while nobody receives
        private byte[] state = new byte[0];
        private int stateCount;
        private int expected; // bytes of the largest drawing; 0: not known
        private bool completed;
        private Exception failure;

        private FramesCall(MessageBody body, Signal<bool> sent, Nijigan.StylizeSettings settings, PictureFormat format)
            : base(body)
        {
            this.body = body;
            this.sent = sent;
            this.format = format;
            resultFormat = settings.ResultFormat;
            region = settings.Region;
        }

        /// <summary>Makes a call that sends its settings first.</summary>
        public static FramesCall Make(Nijigan.StylizeSettings settings, PictureFormat format, FramesSettings first)
        {
            var sent = new Signal<bool>();
            var body = new MessageBody(StylizeFramesRequest.ChunkTag, () => Tell(sent));
            body.Send(new StylizeFramesRequest { Settings = first });
            return new FramesCall(body, sent, settings, format);
        }

        public bool HasEnded
        {
            get
            {
                lock (Sync) return Finished;
            }
        }

        public ValueTask SendAsync(Picture frame)
        {
            if (frame.Bytes == null || frame.Format != format)
                throw new ArgumentException($"The stream has frames of the format {format}, and this is {frame.Format}.", nameof(frame));
            lock (Sync)
            {
                if (completed) throw new InvalidOperationException("The frames were completed.");
                if (Finished) return new ValueTask(Task.FromException(failure ?? Ended()));
                WaitAnew();
                expected = Math.Max(expected, ResultSize.Expected(frame, resultFormat, region));
                lock (sent)
                {
                    if (sent.Pending) throw new InvalidOperationException("The frame before is still being sent.");
                    sent.Begin();
                }
            }
            request.Frame.WidthPx = (uint)frame.WidthPx;
            request.Frame.HeightPx = (uint)frame.HeightPx;
            request.Frame.SizeBytes = (ulong)frame.Count;
            ValueTask sending = sent.Wait();
            body.Send(request, frame, tell: true);
            Wake();
            return sending;
        }

        public void GiveUp(TimeSpan after)
        {
            GiveUp(new DeadlineException($"No drawing came in {after.TotalSeconds:0.###} s.", "Look whether the sidecar can be reached, then begin anew."));
        }

        public void Complete()
        {
            lock (Sync) completed = true;
            body.Complete();
            Wake();
        }

        public ValueTask<DrawnFrame?> ReceiveAsync(PictureBuffer buffer)
        {
            if (buffer == null) throw new ArgumentNullException(nameof(buffer));
            lock (Sync)
            {
                if (drawn.Pending) throw new InvalidOperationException("The frame before is still being received.");
                if (Finished)
                    return failure == null
                        ? new ValueTask<DrawnFrame?>((DrawnFrame?)null)
                        : new ValueTask<DrawnFrame?>(Task.FromException<DrawnFrame?>(failure));
                drawn.Begin();
                ValueTask<DrawnFrame?> receiving = drawn.WaitForResult();
                buffer.Clear();
                buffer.Reserve(expected);
                into = buffer;
                Pump();
                return receiving;
            }
        }

        public byte[] CopyState()
        {
            lock (Sync)
            {
                var copy = new byte[stateCount];
                Buffer.BlockCopy(state, 0, copy, 0, stateCount);
                return copy;
            }
        }

        protected override bool OnMessage(byte[] buffer, int offset, int count)
        {
            if (into == null) return false;
            response.Clear();
            reader.Read(response, buffer, offset, count);
            if (response.Chunk.HasValue) ResultSize.Append(into, response.Chunk.Value, ResultSize.Most(expected));
            else if (response.Failed != null) Give(ToFrame(response.Failed));
            else if (response.Done != null) Give(ToFrame(response.Done));
            return true;
        }

        protected override void OnFinished(Exception error)
        {
            bool cutOff = error == null && into != null && into.Count > 0;
            failure = cutOff ? new StylizerException("The drawing is cut off.", "Retry.", StatusCode.Internal) : error;
            into = null;
            if (failure == null) drawn.Set(null);
            else drawn.Fail(failure);
            lock (sent) sent.Fail(failure ?? Ended());
        }

        /// <summary>The connection's thread does this while it has the connection; so the lock of the
        /// call, which is taken before that, cannot be.</summary>
        private static void Tell(Signal<bool> sent)
        {
            lock (sent) sent.Set(true);
        }

        private static StylizerException Ended()
        {
            return new StylizerException("The sidecar ended the frames.", "Begin anew, from the state.", StatusCode.Internal);
        }

        private void Give(DrawnFrame frame)
        {
            into = null;
            drawn.Set(frame);
        }

        private DrawnFrame ToFrame(FrameFailed failed)
        {
            var error = new StylizerException(failed.Message, failed.Remedy, StatusCode.Unknown, failed.Reason);
            return new DrawnFrame((int)failed.Number, default(Picture), default(Nijigan.Timings), error);
        }

        private DrawnFrame ToFrame(FrameDone done)
        {
            stateCount = done.State.Count;
            if (state.Length < stateCount) state = new byte[stateCount];
            if (stateCount > 0) Buffer.BlockCopy(done.State.Array, done.State.Offset, state, 0, stateCount);
            StylizeDone what = done.Done ?? new StylizeDone();
            Picture picture = ResultSize.Finish(into, what.WidthPx, what.HeightPx, what.Format);
            return new DrawnFrame((int)done.Number, picture, new Nijigan.Timings(what.Timings), null);
        }
    }
}
