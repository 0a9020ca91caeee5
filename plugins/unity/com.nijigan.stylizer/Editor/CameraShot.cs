using Nijigan;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>What a camera of the scene sees, as a picture.</summary>
    internal static class CameraShot
    {
        private const int DepthBits = 24;

        /// <summary>Renders a camera.</summary>
        /// <param name="camera">The camera; it renders where it did before, afterwards.</param>
        /// <param name="widthPx">Width, 16 or more.</param>
        /// <param name="heightPx">Height, 16 or more.</param>
        /// <param name="reader">What reads it.</param>
        /// <returns>The picture, opaque; its array is the reader's.</returns>
        public static Picture Take(Camera camera, int widthPx, int heightPx, TextureReader reader)
        {
            RenderTexture before = camera.targetTexture;
            RenderTexture target = RenderTexture.GetTemporary(
                widthPx, heightPx, DepthBits, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
            try
            {
                camera.targetTexture = target;
                camera.Render();
                return Opaque(reader.Read(target));
            }
            finally
            {
                camera.targetTexture = before;
                RenderTexture.ReleaseTemporary(target);
            }
        }

        // A camera writes the alpha of its background, usually 0, and that of materials: in a file, holes.
        private static Picture Opaque(Picture shot)
        {
            for (int i = 3; i < shot.Count; i += 4) shot.Bytes[i] = 255;
            return shot;
        }
    }
}
