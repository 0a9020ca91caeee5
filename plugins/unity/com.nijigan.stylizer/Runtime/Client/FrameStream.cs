using System;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>
    /// The frames of one animation, going out and coming back drawn, in order.
    /// </summary>
    /// <remarks>
    /// One side sends and one receives, which may be two threads or one that sends a frame or two
    /// ahead. Each side waits for one thing at a time. The sidecar takes a few frames ahead of the one
    /// that it draws (<see cref="ServerLimits.MaxFramesAhead"/>); then sending waits. Drawings that
    /// nobody receives wait in the sidecar, but for a few megabytes.
    ///
    /// In the steady state nothing is allocated: the ValueTasks are backed by the stream itself. So await each of them once, or ask IsCompleted each frame of the game and then
    /// take its Result once, and do not keep them.
    ///
    /// When the stream has failed, all that follows fails with the same error. Dispose it to end it.
    /// </remarks>
    public sealed class FrameStream : IDisposable
    {
        private readonly FramesCall call;

        internal FrameStream(FramesCall call)
        {
            this.call = call;
        }

        /// <summary>Whether the sidecar has ended it, as it does where no frame comes for ten minutes.
        /// What follows says why.</summary>
        public bool HasEnded => call.HasEnded;

        /// <summary>Sends the next frame. All frames have the format that the stream was opened
        /// with; their sizes may differ.</summary>
        /// <param name="frame">The frame. Do not change its array before the task has completed;
        /// then it is yours again.</param>
        /// <returns>Completes when the frame's bytes are on their way.</returns>
        /// <exception cref="ArgumentException">The frame is of another format.</exception>
        /// <exception cref="InvalidOperationException">The frame before is still being sent, or
        /// the frames were completed.</exception>
        public ValueTask SendAsync(Picture frame) => call.SendAsync(frame);

        /// <summary>Says that no frame follows. Receive until the end after that.</summary>
        public void Complete() => call.Complete();

        /// <summary>Receives the next frame, drawn or with the error that it has.</summary>
        /// <param name="into">The buffer to write the drawing to, yours again when the task has
        /// completed. It grows where it is too small.</param>
        /// <returns>The frame; null when the frames were completed and all are received.</returns>
        /// <exception cref="InvalidOperationException">The frame before is still being received.</exception>
        public ValueTask<DrawnFrame?> ReceiveAsync(PictureBuffer into) => call.ReceiveAsync(into);

        /// <summary>What another stream needs to go on after the frame that was received last, as if
        /// this one had never ended.</summary>
        /// <returns>A copy; empty where it needs nothing.</returns>
        public byte[] CopyState() => call.CopyState();

        /// <summary>Ends the stream as one that was waited for in vain: a network that is gone says
        /// nothing.</summary>
        internal void GiveUp(TimeSpan after) => call.GiveUp(after);

        /// <summary>Ends the stream; the sidecar stops drawing.</summary>
        public void Dispose() => call.Finish(new ObjectDisposedException(nameof(FrameStream)));
    }
}
