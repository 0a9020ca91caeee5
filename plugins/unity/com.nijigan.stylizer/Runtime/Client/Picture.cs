using System;

namespace Nijigan
{
    /// <summary>
    /// A picture's bytes, and what they are. The array stays the caller's; a call that is given a
    /// picture reads it until its Task has completed.
    /// </summary>
    public readonly struct Picture
    {
        /// <summary>
        /// Pixels: rows from the top, without padding, straight alpha.
        /// </summary>
        /// <param name="bytes">At least width * height * bytes of a pixel; what is after that is
        /// not used, so a buffer may be larger than the picture.</param>
        /// <param name="widthPx">Width in pixels, 1 or more.</param>
        /// <param name="heightPx">Height in pixels, 1 or more.</param>
        /// <param name="format">What the bytes are; not <see cref="PictureFormat.Encoded"/>.</param>
        /// <exception cref="ArgumentException">The array is too short, or a number is not
        /// allowed.</exception>
        public Picture(byte[] bytes, int widthPx, int heightPx, PictureFormat format = PictureFormat.Rgba8)
        {
            if (bytes == null) throw new ArgumentNullException(nameof(bytes));
            if (widthPx < 1 || heightPx < 1)
                throw new ArgumentException($"A picture has no size of {widthPx}x{heightPx}. Give 1 or more each.");
            long count = CountBytes(widthPx, heightPx, format);
            if (count > bytes.Length)
                throw new ArgumentException(
                    $"{widthPx}x{heightPx} {format} is {count} bytes, and the array has {bytes.Length}.", nameof(bytes));
            Bytes = bytes;
            Count = (int)count;
            WidthPx = widthPx;
            HeightPx = heightPx;
            Format = format;
        }

        private Picture(byte[] bytes, int count, int widthPx, int heightPx, PictureFormat format)
        {
            Bytes = bytes;
            Count = count;
            WidthPx = widthPx;
            HeightPx = heightPx;
            Format = format;
        }

        /// <summary>The array that has the bytes, from its start. Null in a default value.</summary>
        public byte[] Bytes { get; }

        /// <summary>How many bytes of it are the picture.</summary>
        public int Count { get; }

        /// <summary>Width in pixels; 0 for a file that was not looked into.</summary>
        public int WidthPx { get; }

        /// <summary>Height in pixels; 0 for a file that was not looked into.</summary>
        public int HeightPx { get; }

        /// <summary>What the bytes are.</summary>
        public PictureFormat Format { get; }

        /// <summary>The content of a file: JPEG, PNG, WebP or TIFF.</summary>
        /// <param name="file">All of it.</param>
        /// <returns>The picture; its size is in the file, and here 0.</returns>
        public static Picture Encoded(byte[] file)
        {
            if (file == null) throw new ArgumentNullException(nameof(file));
            return new Picture(file, file.Length, 0, 0, PictureFormat.Encoded);
        }

        /// <summary>How many bytes pixels take.</summary>
        /// <param name="widthPx">Width in pixels.</param>
        /// <param name="heightPx">Height in pixels.</param>
        /// <param name="format">Their format; not <see cref="PictureFormat.Encoded"/>.</param>
        /// <returns>Width * height * bytes of a pixel.</returns>
        /// <exception cref="ArgumentException">The format has no bytes of a pixel.</exception>
        public static long CountBytes(int widthPx, int heightPx, PictureFormat format)
        {
            return (long)widthPx * heightPx * BytesPerPixel(format);
        }

        internal static bool IsRaw(PictureFormat format)
        {
            return format >= PictureFormat.Rgba8 && format <= PictureFormat.Rgba32f && format != PictureFormat.Encoded;
        }

        internal static Picture OfAnyKind(byte[] bytes, int count, int widthPx, int heightPx, PictureFormat format)
        {
            return new Picture(bytes, count, widthPx, heightPx, format);
        }

        private static int BytesPerPixel(PictureFormat format)
        {
            switch (format)
            {
                case PictureFormat.Rgb8: return 3;
                case PictureFormat.Rgba8:
                case PictureFormat.Bgra8: return 4;
                case PictureFormat.Rgba16: return 8;
                case PictureFormat.Rgba32f: return 16;
                default:
                    throw new ArgumentException($"{format} has no bytes of a pixel.", nameof(format));
            }
        }
    }
}
