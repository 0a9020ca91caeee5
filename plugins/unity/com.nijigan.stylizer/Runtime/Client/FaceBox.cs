namespace Nijigan
{
    /// <summary>A face: a square from forehead to chin, in pixels from the picture's top left.</summary>
    public readonly struct FaceBox
    {
        internal FaceBox(Wire.Face sent)
        {
            LeftPx = sent.LeftPx;
            TopPx = sent.TopPx;
            WidthPx = sent.WidthPx;
            HeightPx = sent.HeightPx;
            Score = sent.Score;
        }

        /// <summary>Its left edge.</summary>
        public float LeftPx { get; }

        /// <summary>Its upper edge.</summary>
        public float TopPx { get; }

        /// <summary>Its width.</summary>
        public float WidthPx { get; }

        /// <summary>Its height.</summary>
        public float HeightPx { get; }

        /// <summary>How sure it is that this is a face: 0 to 1.</summary>
        public float Score { get; }
    }
}
