using System;

namespace Nijigan
{
    /// <summary>The size that a picture is drawn at. The result has the picture's own size.</summary>
    public readonly struct Scale : IEquatable<Scale>
    {
        private readonly ScaleMode mode;
        private readonly int shortSidePx;

        private Scale(ScaleMode mode, int shortSidePx)
        {
            this.mode = mode;
            this.shortSidePx = shortSidePx;
        }

        /// <summary>As the style says: large and small pictures at sizes that suit it, or all as they are.</summary>
        public static Scale Auto => new Scale(ScaleMode.Auto, 0);

        /// <summary>The picture's own size.</summary>
        public static Scale Native => new Scale(ScaleMode.Native, 0);

        /// <summary>A size of your own.</summary>
        /// <param name="pixels">The short side to draw at.</param>
        /// <returns>That scale.</returns>
        /// <exception cref="ArgumentOutOfRangeException">Less than 1 pixel.</exception>
        public static Scale ShortSidePx(int pixels)
        {
            if (pixels < 1) throw new ArgumentOutOfRangeException(nameof(pixels), pixels, "Give 1 or more.");
            return new Scale(ScaleMode.Unspecified, pixels);
        }

        /// <summary>Whether both are the same.</summary>
        /// <param name="other">The other one.</param>
        /// <returns>True where they are.</returns>
        public bool Equals(Scale other) => mode == other.mode && shortSidePx == other.shortSidePx;

        /// <summary>Whether both are the same.</summary>
        /// <param name="obj">The other one.</param>
        /// <returns>True where they are.</returns>
        public override bool Equals(object obj) => obj is Scale && Equals((Scale)obj);

        /// <summary>A number that is the same for scales that are.</summary>
        /// <returns>The number.</returns>
        public override int GetHashCode() => (int)mode + shortSidePx;

        /// <summary>For people: "auto", "native" or "720 px".</summary>
        /// <returns>The text.</returns>
        public override string ToString()
        {
            if (shortSidePx > 0) return $"{shortSidePx} px";
            return mode == ScaleMode.Native ? "native" : "auto";
        }

        internal void WriteTo(Wire.StylizeSettings settings)
        {
            if (shortSidePx > 0) settings.ShortSidePx = (uint)shortSidePx;
            else settings.ScaleMode = mode == ScaleMode.Unspecified ? ScaleMode.Auto : mode;
        }
    }
}
