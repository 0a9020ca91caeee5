namespace Nijigan
{
    /// <summary>One way to draw a style.</summary>
    public sealed class StyleQuality
    {
        internal StyleQuality(Wire.StyleQuality sent)
        {
            Quality = sent.Quality;
            Solver = sent.Solver;
            Steps = (int)sent.Steps;
            Evaluations = (int)sent.Evaluations;
            RadiusPx = (int)sent.RadiusPx;
        }

        /// <summary>Which one.</summary>
        public Quality Quality { get; }

        /// <summary>The solver that integrates the differential equation, such as "euler".</summary>
        public string Solver { get; }

        /// <summary>Its steps.</summary>
        public int Steps { get; }

        /// <summary>How often the equation's right-hand side is computed; the cost grows with it.</summary>
        public int Evaluations { get; }

        /// <summary>How far around itself a pixel of the result looks.</summary>
        public int RadiusPx { get; }
    }
}
