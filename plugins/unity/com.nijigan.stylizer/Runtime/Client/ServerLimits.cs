using System;

namespace Nijigan
{
    /// <summary>What a request may ask for.</summary>
    public sealed class ServerLimits
    {
        internal ServerLimits(Wire.Limits sent)
        {
            MaxPixels = (long)sent.MaxPixels;
            MinSidePx = (int)sent.MinSidePx;
            MaxPreviewSidePx = (int)sent.MaxPreviewSidePx;
            MaxFileBytes = (long)sent.MaxFileBytes;
            MaxConcurrent = (int)sent.MaxConcurrent;
            MaxQueued = (int)sent.MaxQueued;
            MaxFramesAhead = (int)sent.MaxFramesAhead;
            MaxIdle = TimeSpan.FromMilliseconds(sent.MaxIdleMs);
            MaxUpload = TimeSpan.FromMilliseconds(sent.MaxUploadMs);
            MaxFrameWait = TimeSpan.FromMilliseconds(sent.MaxFrameWaitMs);
        }

        /// <summary>Most pixels in a picture, width times height.</summary>
        public long MaxPixels { get; }

        /// <summary>Fewest pixels along a side of a picture.</summary>
        public int MinSidePx { get; }

        /// <summary>Most pixels along the short side of a preview.</summary>
        public int MaxPreviewSidePx { get; }

        /// <summary>Most bytes in an encoded picture.</summary>
        public long MaxFileBytes { get; }

        /// <summary>How many pictures are drawn at once.</summary>
        public int MaxConcurrent { get; }

        /// <summary>How many more may wait; past that a call fails with the reason SERVER_BUSY.</summary>
        public int MaxQueued { get; }

        /// <summary>How many frames of an animation are taken ahead of the one that is drawn.</summary>
        public int MaxFramesAhead { get; }

        /// <summary>How long a client may be silent within a call.</summary>
        public TimeSpan MaxIdle { get; }

        /// <summary>How long a client may take to send one picture.</summary>
        public TimeSpan MaxUpload { get; }

        /// <summary>How long a client may take for the next frame.</summary>
        public TimeSpan MaxFrameWait { get; }
    }
}
