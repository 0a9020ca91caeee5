namespace Nijigan
{
    /// <summary>What became of one frame of an animation.</summary>
    public readonly struct DrawnFrame
    {
        internal DrawnFrame(int number, Picture picture, Timings timings, StylizerException error)
        {
            Number = number;
            Picture = picture;
            Timings = timings;
            Error = error;
        }

        /// <summary>Its number.</summary>
        public int Number { get; }

        /// <summary>The drawing, in the buffer that was given. Nothing where there is an error.</summary>
        public Picture Picture { get; }

        /// <summary>Where the time went.</summary>
        public Timings Timings { get; }

        /// <summary>Why it could not be drawn; null where it was. The next frame is drawn all the
        /// same.</summary>
        public StylizerException Error { get; }
    }
}
