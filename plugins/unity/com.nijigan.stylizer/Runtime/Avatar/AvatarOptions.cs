namespace Nijigan
{
    /// <summary>What avatars shall be. Immutable.</summary>
    public sealed class AvatarOptions
    {
        /// <summary>Makes options.</summary>
        /// <param name="sizePx">Side of the square, 16 to 1024 pixels. Drawn below 512, lines are coarse.</param>
        /// <param name="transparent">Whether what is behind the person is made transparent.</param>
        /// <param name="levelEyes">Whether the photo is turned so that the eyes are level.</param>
        /// <param name="quality">How exactly the styles are drawn.</param>
        public AvatarOptions(
            int sizePx = 512, bool transparent = false, bool levelEyes = false, Quality quality = Quality.Normal)
        {
            SizePx = sizePx;
            Transparent = transparent;
            LevelEyes = levelEyes;
            Quality = quality;
        }

        /// <summary>Side of the square.</summary>
        public int SizePx { get; }

        /// <summary>Whether what is behind the person is made transparent.</summary>
        public bool Transparent { get; }

        /// <summary>Whether the photo is turned so that the eyes are level.</summary>
        public bool LevelEyes { get; }

        /// <summary>How exactly the styles are drawn.</summary>
        public Quality Quality { get; }
    }
}
