using System.Collections.Generic;
using System.Linq;

namespace Nijigan
{
    /// <summary>Head and shoulders, cut out of a picture.</summary>
    public sealed class FramedFace
    {
        internal FramedFace(Picture picture, Wire.FrameFaceDone done)
        {
            Picture = picture;
            Faces = done.Faces.Select(each => new FaceBox(each)).ToList().AsReadOnly();
            Face = (int)done.Face;
            FrameMiddleXPx = done.FrameMiddleXPx;
            FrameMiddleYPx = done.FrameMiddleYPx;
            FrameSidePx = done.FrameSidePx;
            FrameRollDegrees = done.FrameRollDegrees;
            Timings = new Timings(done.Timings);
            RequestNumber = done.Request;
        }

        /// <summary>The square.</summary>
        public Picture Picture { get; }

        /// <summary>The faces of the picture, from the left, without those much smaller than the
        /// largest.</summary>
        public IReadOnlyList<FaceBox> Faces { get; }

        /// <summary>Which one the square is of: 1 is the first. 0: none, it is the middle.</summary>
        public int Face { get; }

        /// <summary>Middle of the square in the picture, in pixels from its left; the square may
        /// reach past its edges.</summary>
        public float FrameMiddleXPx { get; }

        /// <summary>Middle of the square in the picture, in pixels from its top.</summary>
        public float FrameMiddleYPx { get; }

        /// <summary>Side of the square in the picture.</summary>
        public float FrameSidePx { get; }

        /// <summary>How far it is turned clockwise.</summary>
        public float FrameRollDegrees { get; }

        /// <summary>Where the time went.</summary>
        public Timings Timings { get; }

        /// <summary>The number of the call in the sidecar's log.</summary>
        public string RequestNumber { get; }
    }
}
