using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>
    /// Draws pictures one after the other, one at a time: who has a newer one than can be taken drops
    /// it. In the steady state nothing is allocated.
    /// </summary>
    /// <remarks>
    /// It is asked once a frame of the game, and never waits: <see cref="TryTake"/>, then, where
    /// <see cref="IsIdle"/>, <see cref="Send"/>. All on one thread.
    /// </remarks>
    public sealed class LiveDrawing : IDisposable
    {
        private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

        private readonly CancellationTokenSource ending = new CancellationTokenSource();
        private readonly PictureBuffer buffer = new PictureBuffer();
        private readonly Task<FrameStream> opening;
        private readonly Stopwatch sinceSent = new Stopwatch();
        private readonly TimeSpan longest;
        private FrameStream stream;
        private ValueTask sending;
        private ValueTask<DrawnFrame?> receiving;
        private bool isSending;
        private bool isReceiving;
        private bool hasDrawn;

        /// <summary>Begins.</summary>
        /// <param name="client">The sidecar.</param>
        /// <param name="settings">How to draw all that is sent.</param>
        /// <param name="timeout">How long one picture may take; usually 60 s.</param>
        public LiveDrawing(StylizerClient client, StylizeSettings settings, TimeSpan? timeout = null)
        {
            longest = timeout ?? Long;
            opening = client.StylizeFramesAsync(settings, cancel: ending.Token);
        }

        /// <summary>Whether a picture can be sent.</summary>
        public bool IsIdle => IsWaiting && !HasEndedIdle;

        /// <summary>Whether the sidecar went away, or refused all: nothing more is drawn.</summary>
        public bool HasEnded { get; private set; }

        /// <summary>Whether the sidecar ended this between two pictures, after it had drawn some: where
        /// none comes for ten minutes, or it was started anew. Another LiveDrawing goes on.</summary>
        public bool HasEndedIdle => hasDrawn && IsWaiting && stream.HasEnded;

        private bool IsWaiting => stream != null && !isSending && !isReceiving && !HasEnded;

        /// <summary>Sends a picture.</summary>
        /// <param name="picture">RGBA8. Do not change its array until its drawing was taken.</param>
        /// <exception cref="InvalidOperationException">It is not idle.</exception>
        public void Send(Picture picture)
        {
            if (!IsIdle) throw new InvalidOperationException("A picture is being drawn. Ask IsIdle first.");
            // Receiving first: an answer that finds nobody waiting is read on this thread, with garbage.
            receiving = stream.ReceiveAsync(buffer);
            isReceiving = true;
            sending = stream.SendAsync(picture);
            isSending = true;
            sinceSent.Restart();
        }

        /// <summary>Takes a drawing, if there is one.</summary>
        /// <param name="drawing">The drawing; it is overwritten once the next picture was sent.</param>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="StylizerException">The picture was not drawn. The next one may be, unless
        /// <see cref="HasEnded"/>.</exception>
        /// <exception cref="DeadlineException">It took too long.</exception>
        public bool TryTake(out Picture drawing)
        {
            drawing = default(Picture);
            if (HasEnded || !TryReceive(out DrawnFrame frame)) return false;
            if (frame.Error != null) throw frame.Error;
            drawing = frame.Picture;
            return true;
        }

        /// <summary>Ends it; what is being drawn is cancelled.</summary>
        public void Dispose()
        {
            ending.Cancel();
            stream?.Dispose();
        }

        private bool TryReceive(out DrawnFrame frame)
        {
            frame = default(DrawnFrame);
            try
            {
                if (stream == null && opening.IsCompleted) stream = opening.GetAwaiter().GetResult();
                if ((isSending || isReceiving) && sinceSent.Elapsed > longest) stream.GiveUp(longest);
                if (isSending && sending.IsCompleted)
                {
                    isSending = false;
                    sending.GetAwaiter().GetResult();
                }
                if (isSending || !isReceiving || !receiving.IsCompleted) return false;
                isReceiving = false;
                DrawnFrame? received = receiving.GetAwaiter().GetResult();
                if (received == null) throw new StylizerException("The sidecar has ended the frames.", "Begin anew.");
                hasDrawn = true;
                frame = received.Value;
                return true;
            }
            catch (Exception)
            {
                HasEnded = true;
                throw;
            }
        }
    }
}
