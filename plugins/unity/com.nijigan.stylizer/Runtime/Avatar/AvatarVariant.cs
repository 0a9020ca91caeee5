using System;
using System.Collections.Generic;
using System.Linq;

namespace Nijigan
{
    /// <summary>One way to draw an avatar.</summary>
    public readonly struct AvatarVariant
    {
        private const int MostVariants = 4;

        /// <summary>Makes one.</summary>
        /// <param name="style">Name of the style.</param>
        /// <param name="strength">0 to 1.</param>
        public AvatarVariant(string style, float strength)
        {
            Style = style;
            Strength = strength;
        }

        /// <summary>Name of the style.</summary>
        public string Style { get; }

        /// <summary>How far the style is taken: 0 to 1.</summary>
        public float Strength { get; }

        /// <summary>
        /// The four to choose from, as `nijigan avatar --sheet` has them, the strongest first: of one
        /// style four strengths; of two, each in full and at half; of three, the fourth is the first
        /// at half.
        /// </summary>
        /// <param name="styles">Names of styles, one or more; those after the fourth are left out.</param>
        /// <param name="strength">What is full: 0 to 1.</param>
        /// <returns>Four variants.</returns>
        /// <exception cref="ArgumentException">There is no style.</exception>
        public static IReadOnlyList<AvatarVariant> Of(IReadOnlyList<string> styles, float strength = 1f)
        {
            if (styles.Count == 0)
                throw new ArgumentException("There is no style to draw avatars in. Give one or more.", nameof(styles));
            if (styles.Count == 1)
                return new[] { 1f, 0.75f, 0.5f, 0.25f }
                    .Select(part => new AvatarVariant(styles[0], strength * part)).ToList();
            IEnumerable<AvatarVariant> full = styles.Select(style => new AvatarVariant(style, strength));
            IEnumerable<AvatarVariant> half = styles.Select(style => new AvatarVariant(style, strength / 2f));
            return full.Concat(half).Take(MostVariants).ToList();
        }

        /// <summary>For people: "cel 75 %".</summary>
        /// <returns>The text.</returns>
        public override string ToString()
        {
            return $"{Style} {Math.Round(100 * Strength)} %";
        }
    }
}
