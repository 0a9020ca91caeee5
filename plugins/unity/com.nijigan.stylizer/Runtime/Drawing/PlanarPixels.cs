using System;

namespace Nijigan
{
    /// <summary>
    /// Pixels as networks take them: all reds, then all greens, then all blues, from 0 to 1, rows from
    /// the top; sides are multiples of a number, by pixels that are mirrored at the right and lower edge.
    /// </summary>
    internal static class PlanarPixels
    {
        private const int Channels = 3;
        private const int BytesPerPixel = 4;

        /// <summary>The next multiple.</summary>
        public static int RoundedUp(int sidePx, int multiple)
        {
            return (sidePx + multiple - 1) / multiple * multiple;
        }

        /// <summary>Takes a picture apart.</summary>
        /// <param name="picture">RGBA8.</param>
        /// <param name="widthPx">Width of the result, no less than the picture's.</param>
        /// <param name="heightPx">Height of the result, no less than the picture's.</param>
        /// <returns>3 * height * width numbers.</returns>
        public static float[] Of(Picture picture, int widthPx, int heightPx)
        {
            var planes = new float[Channels * heightPx * widthPx];
            for (int y = 0; y < heightPx; y++)
            {
                int row = Mirrored(y, picture.HeightPx) * picture.WidthPx;
                for (int x = 0; x < widthPx; x++)
                {
                    int from = (row + Mirrored(x, picture.WidthPx)) * BytesPerPixel;
                    for (int channel = 0; channel < Channels; channel++)
                        planes[(channel * heightPx + y) * widthPx + x] = picture.Bytes[from + channel] / 255f;
                }
            }
            return planes;
        }

        /// <summary>Puts a picture together, with the alpha of the one that was drawn.</summary>
        /// <param name="planes">What <see cref="Of"/> gives, drawn.</param>
        /// <param name="widthPx">Width of the planes.</param>
        /// <param name="heightPx">Height of the planes.</param>
        /// <param name="source">What was drawn: it has the size and the alpha.</param>
        /// <returns>RGBA8.</returns>
        public static Picture ToPicture(float[] planes, int widthPx, int heightPx, Picture source)
        {
            var bytes = new byte[source.Count];
            for (int y = 0; y < source.HeightPx; y++)
            {
                for (int x = 0; x < source.WidthPx; x++)
                {
                    int to = (y * source.WidthPx + x) * BytesPerPixel;
                    for (int channel = 0; channel < Channels; channel++)
                        bytes[to + channel] = Level(planes[(channel * heightPx + y) * widthPx + x]);
                    bytes[to + Channels] = source.Bytes[to + Channels];
                }
            }
            return new Picture(bytes, source.WidthPx, source.HeightPx);
        }

        private static int Mirrored(int at, int sidePx)
        {
            if (sidePx == 1) return 0;
            int period = 2 * (sidePx - 1);
            int within = at % period;
            return within < sidePx ? within : period - within;
        }

        private static byte Level(float value)
        {
            return (byte)Math.Max(0, Math.Min(255, (int)Math.Round(255f * value)));
        }
    }
}
