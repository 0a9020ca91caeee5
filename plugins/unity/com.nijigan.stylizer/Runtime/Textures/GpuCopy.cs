using UnityEngine;
using UnityEngine.Rendering;

namespace Nijigan
{
    /// <summary>Copies textures on the GPU.</summary>
    internal static class GpuCopy
    {
        /// <summary>Copies a texture into one that holds sRGB values.</summary>
        /// <param name="source">The texture; where it holds linear light, that is encoded.</param>
        /// <param name="target">Where it goes; it is fitted to its size.</param>
        /// <exception cref="StylizerException">There is no GPU.</exception>
        public static void ToSrgb(Texture source, RenderTexture target)
        {
            if (SystemInfo.graphicsDeviceType == GraphicsDeviceType.Null) // it would copy nothing, and not say so
                throw new StylizerException(
                    $"Unity runs without a GPU (-nographics), and the texture '{source.name}' can be read by one alone.",
                    "Run without -nographics, or import the texture with Read/Write and the format RGBA 32 bit.",
                    StatusCode.FailedPrecondition);
            RenderTexture activeBefore = RenderTexture.active;
            // What was drawn before decides whether values are encoded, unless it is said: within OnGUI
            // they are not, and pictures would be too dark.
            bool encodesBefore = GL.sRGBWrite;
            GL.sRGBWrite = QualitySettings.activeColorSpace == ColorSpace.Linear;
            try
            {
                Graphics.Blit(source, target);
            }
            finally
            {
                GL.sRGBWrite = encodesBefore;
                RenderTexture.active = activeBefore;
            }
        }
    }
}
