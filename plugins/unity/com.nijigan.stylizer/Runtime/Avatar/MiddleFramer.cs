using System;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>
    /// Frames the middle of a photo, whatever it shows: for games without a sidecar. It does not look
    /// for faces, so nothing is refused.
    /// </summary>
    public sealed class MiddleFramer : IFaceFramer
    {
        private const int BytesPerPixel = 4;

        /// <summary>Cuts the largest square out of the middle, and brings it to the size.</summary>
        /// <param name="photo">Pixels as RGBA8; a file cannot be read here.</param>
        /// <param name="settings">The size; nothing else is looked at.</param>
        /// <param name="cancel">Not used: it does not take long.</param>
        /// <returns>The square.</returns>
        /// <exception cref="StylizerException">The photo is not of pixels.</exception>
        public Task<Picture> FrameAsync(
            Picture photo, FrameFaceSettings settings, CancellationToken cancel = default(CancellationToken))
        {
            if (photo.Format != PictureFormat.Rgba8)
                throw new StylizerException(
                    $"A photo of the kind {photo.Format} cannot be framed without a sidecar.", "Give its pixels.",
                    StatusCode.InvalidArgument);
            int side = Math.Min(photo.WidthPx, photo.HeightPx);
            return Task.FromResult(Resized(
                photo, (photo.WidthPx - side) / 2, (photo.HeightPx - side) / 2, side, settings.SizePx));
        }

        // Each pixel is the mean of those that it covers, or the nearest where it is enlarged.
        private static Picture Resized(Picture photo, int left, int top, int side, int size)
        {
            var made = new byte[size * size * BytesPerPixel];
            for (int y = 0; y < size; y++)
            {
                for (int x = 0; x < size; x++)
                {
                    for (int channel = 0; channel < BytesPerPixel; channel++)
                    {
                        made[(y * size + x) * BytesPerPixel + channel] = Mean(
                            photo, channel, left + x * side / size, left + Math.Max((x + 1) * side / size, x * side / size + 1),
                            top + y * side / size, top + Math.Max((y + 1) * side / size, y * side / size + 1));
                    }
                }
            }
            return new Picture(made, size, size);
        }

        private static byte Mean(Picture photo, int channel, int left, int right, int top, int bottom)
        {
            int sum = 0;
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++)
                    sum += photo.Bytes[(y * photo.WidthPx + x) * BytesPerPixel + channel];
            int count = (right - left) * (bottom - top);
            return (byte)((sum + count / 2) / count);
        }
    }
}
