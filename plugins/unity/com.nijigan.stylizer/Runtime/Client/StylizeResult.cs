namespace Nijigan
{
    /// <summary>A drawing, and how it was made.</summary>
    public sealed class StylizeResult
    {
        internal StylizeResult(Picture picture, Wire.StylizeDone done)
        {
            Picture = picture;
            Timings = new Timings(done.Timings);
            RequestNumber = done.Request;
            Tiles = (int)done.Tiles;
            DeviationDb = done.DeviationDb;
        }

        /// <summary>The drawing; with <see cref="PictureFormat.Encoded"/> a PNG file.</summary>
        public Picture Picture { get; }

        /// <summary>Where the time went.</summary>
        public Timings Timings { get; }

        /// <summary>The number of the call in the sidecar's log.</summary>
        public string RequestNumber { get; }

        /// <summary>How many parts it was drawn in, for want of memory for the whole.</summary>
        public int Tiles { get; }

        /// <summary>
        /// About how near it is to the picture drawn whole, a peak signal to noise ratio in dB:
        /// where a style that looks at the whole picture had to draw in tiles. Else null.
        /// </summary>
        public float? DeviationDb { get; }
    }
}
