namespace Nijigan
{
    /// <summary>How far a drawing is.</summary>
    public readonly struct StylizeProgress
    {
        /// <summary>Makes one.</summary>
        /// <param name="fraction">0 to 1.</param>
        /// <param name="stage">What is being done.</param>
        public StylizeProgress(float fraction, string stage)
        {
            Fraction = fraction;
            Stage = stage;
        }

        /// <summary>From 0 to 1; never falls.</summary>
        public float Fraction { get; }

        /// <summary>What is being done, for people, such as "drawing".</summary>
        public string Stage { get; }
    }
}
