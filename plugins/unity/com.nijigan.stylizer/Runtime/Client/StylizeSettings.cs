using System;

namespace Nijigan
{
    /// <summary>Everything about a request that changes the drawing. Immutable.</summary>
    public sealed class StylizeSettings
    {
        /// <summary>Makes settings. What the sidecar does not allow, it refuses itself.</summary>
        /// <param name="style">Name of the style.</param>
        /// <param name="strength">0 is the picture as it was sent, 1 fully drawn.</param>
        /// <param name="quality">How exactly the style is drawn.</param>
        /// <param name="scale">The size to draw at; a default value is <see cref="Scale.Auto"/>.</param>
        /// <param name="resultFormat">What the result shall be; not said, what was sent.</param>
        /// <param name="region">The part that is wanted, and that the result is; null: all. For
        /// sidecars with the feature "region".</param>
        /// <param name="priority">Whether somebody waits for it; not said, somebody does, but for
        /// frames of an animation.</param>
        /// <param name="steady">Whether to draw it four times, moved by some pixels, and take the
        /// mean: for animations, so that they do not shimmer. It takes four times as long. For
        /// sidecars with the feature "steady".</param>
        public StylizeSettings(
            string style,
            float strength = 1f,
            Quality quality = Quality.Normal,
            Scale scale = default(Scale),
            PictureFormat resultFormat = PictureFormat.Unspecified,
            PictureRegion? region = null,
            Priority priority = Priority.Unspecified,
            bool steady = false)
        {
            Style = style ?? throw new ArgumentNullException(nameof(style));
            Strength = strength;
            Quality = quality;
            Scale = scale;
            ResultFormat = resultFormat;
            Region = region;
            Priority = priority;
            Steady = steady;
        }

        /// <summary>Name of the style.</summary>
        public string Style { get; }

        /// <summary>How far the style is taken: 0 to 1.</summary>
        public float Strength { get; }

        /// <summary>How exactly the style is drawn.</summary>
        public Quality Quality { get; }

        /// <summary>The size to draw at.</summary>
        public Scale Scale { get; }

        /// <summary>What the result shall be.</summary>
        public PictureFormat ResultFormat { get; }

        /// <summary>The part that is wanted; null: all.</summary>
        public PictureRegion? Region { get; }

        /// <summary>Whether somebody waits for it.</summary>
        public Priority Priority { get; }

        /// <summary>Whether it is the mean of four drawings.</summary>
        public bool Steady { get; }
    }
}
