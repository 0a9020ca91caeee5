namespace Nijigan
{
    /// <summary>What is done about the faces of a picture. Immutable.</summary>
    public sealed class FrameFaceSettings
    {
        /// <summary>Makes settings.</summary>
        /// <param name="sizePx">Side of the square, 16 to 1024 pixels.</param>
        /// <param name="face">Which of several faces: 1 is the first from the left; 0: the only one.</param>
        /// <param name="anyway">Whether to take what there is: the largest face, a small or blurred
        /// one, or the middle.</param>
        /// <param name="levelEyes">Whether to turn the square so that the eyes are level.</param>
        /// <param name="transparent">Whether to make what is behind the person transparent.</param>
        /// <param name="resultFormat">What the square shall be; not said, what was sent.</param>
        public FrameFaceSettings(
            int sizePx = 512,
            int face = 0,
            bool anyway = false,
            bool levelEyes = false,
            bool transparent = false,
            PictureFormat resultFormat = PictureFormat.Unspecified)
        {
            SizePx = sizePx;
            Face = face;
            Anyway = anyway;
            LevelEyes = levelEyes;
            Transparent = transparent;
            ResultFormat = resultFormat;
        }

        /// <summary>Side of the square.</summary>
        public int SizePx { get; }

        /// <summary>Which of several faces: 1 is the first from the left; 0: the only one.</summary>
        public int Face { get; }

        /// <summary>Whether to take what there is.</summary>
        public bool Anyway { get; }

        /// <summary>Whether to turn the square so that the eyes are level.</summary>
        public bool LevelEyes { get; }

        /// <summary>Whether to make what is behind the person transparent.</summary>
        public bool Transparent { get; }

        /// <summary>What the square shall be.</summary>
        public PictureFormat ResultFormat { get; }
    }
}
