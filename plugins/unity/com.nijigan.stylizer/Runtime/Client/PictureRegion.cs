using System;

namespace Nijigan
{
    /// <summary>A rectangle of a picture, in pixels from its top left.</summary>
    public readonly struct PictureRegion
    {
        /// <summary>Makes a rectangle.</summary>
        /// <param name="leftPx">Its first column, 0 or more.</param>
        /// <param name="topPx">Its first row, 0 or more.</param>
        /// <param name="widthPx">Its width, 1 or more.</param>
        /// <param name="heightPx">Its height, 1 or more.</param>
        /// <exception cref="ArgumentException">A number is not allowed.</exception>
        public PictureRegion(int leftPx, int topPx, int widthPx, int heightPx)
        {
            if (leftPx < 0 || topPx < 0 || widthPx < 1 || heightPx < 1)
                throw new ArgumentException(
                    $"There is no rectangle of {widthPx}x{heightPx} at {leftPx}, {topPx}. Row 0 is the top one.");
            LeftPx = leftPx;
            TopPx = topPx;
            WidthPx = widthPx;
            HeightPx = heightPx;
        }

        /// <summary>Its first column.</summary>
        public int LeftPx { get; }

        /// <summary>Its first row; row 0 is the top one.</summary>
        public int TopPx { get; }

        /// <summary>Its width.</summary>
        public int WidthPx { get; }

        /// <summary>Its height.</summary>
        public int HeightPx { get; }
    }
}
