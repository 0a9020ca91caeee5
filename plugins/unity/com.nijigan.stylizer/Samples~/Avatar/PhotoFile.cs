using System.IO;
using Nijigan;
using UnityEngine;
using Object = UnityEngine.Object;

namespace Nijigan.Samples
{
    /// <summary>Photos that a player has as files.</summary>
    internal static class PhotoFile
    {
        /// <summary>Reads one.</summary>
        /// <param name="path">JPEG or PNG; for a sidecar WebP and TIFF too.</param>
        /// <param name="asPixels">Whether pixels are wanted. A sidecar takes the file as it is, and
        /// turns it upright as its EXIF says; Unity does not.</param>
        /// <returns>The photo.</returns>
        /// <exception cref="IOException">It cannot be read.</exception>
        public static Picture Read(string path, bool asPixels)
        {
            byte[] file = File.ReadAllBytes(path);
            if (!asPixels) return Picture.Encoded(file);
            var decoded = new Texture2D(1, 1, TextureFormat.RGBA32, false);
            try
            {
                if (!decoded.LoadImage(file))
                    throw new IOException($"{path} is no JPEG or PNG file.");
                using (var reader = new TextureReader()) return reader.Read(decoded);
            }
            finally
            {
                Object.Destroy(decoded);
            }
        }
    }
}
