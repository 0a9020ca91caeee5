namespace Nijigan
{
    /// <summary>How large a drawing may be, so that no sidecar can fill the memory.</summary>
    internal static class ResultSize
    {
        private const int MostUnknown = 512 << 20; // of a file that was sent, or comes back
        private const int MostArray = int.MaxValue - 64; // of an array of bytes

        /// <summary>Returns how many bytes the result has; 0 where that is not known before.</summary>
        public static int Expected(Picture picture, PictureFormat resultFormat, PictureRegion? region)
        {
            PictureFormat format = resultFormat == PictureFormat.Unspecified ? picture.Format : resultFormat;
            if (format == PictureFormat.Encoded || picture.Format == PictureFormat.Encoded) return 0;
            int width = region?.WidthPx ?? picture.WidthPx;
            int height = region?.HeightPx ?? picture.HeightPx;
            return (int)System.Math.Min(MostArray, Picture.CountBytes(width, height, format));
        }

        /// <summary>Returns how many bytes a drawing has; 0 where that is not known.</summary>
        public static long Of(uint widthPx, uint heightPx, PictureFormat format)
        {
            bool known = Picture.IsRaw(format) && widthPx <= int.MaxValue && heightPx <= int.MaxValue;
            return known ? Picture.CountBytes((int)widthPx, (int)heightPx, format) : 0;
        }

        /// <summary>Returns how many bytes are taken at most, where so many are expected.</summary>
        public static int Most(int expected) => expected > 0 ? expected : MostUnknown;

        /// <summary>Adds part of a result to a buffer.</summary>
        /// <exception cref="StylizerException">There would be more than may be.</exception>
        public static void Append(PictureBuffer into, System.ArraySegment<byte> chunk, int most)
        {
            if (chunk.Count == 0) return;
            if (chunk.Count > most - into.Count)
                throw new StylizerException($"The sidecar sent a result of more than {most} bytes.", "Update the older of sidecar and client.", StatusCode.Internal);
            into.Append(chunk.Array, chunk.Offset, chunk.Count);
        }

        /// <summary>Says what the bytes are that came.</summary>
        /// <exception cref="StylizerException">They are not as many as that has.</exception>
        public static Picture Finish(PictureBuffer into, uint widthPx, uint heightPx, PictureFormat format)
        {
            bool counted = into.Count > 0 && (format == PictureFormat.Encoded || Of(widthPx, heightPx, format) == into.Count);
            if (!counted)
                throw new StylizerException($"The sidecar sent {into.Count} bytes for {widthPx}x{heightPx} {format}.", "Retry.", StatusCode.Internal);
            into.Finish((int)widthPx, (int)heightPx, format);
            return into.Picture;
        }
    }
}
