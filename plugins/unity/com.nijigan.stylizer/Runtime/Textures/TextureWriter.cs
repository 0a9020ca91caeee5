using System;
using UnityEngine;

namespace Nijigan
{
    /// <summary>Writes pictures into textures. Use it on the main thread.</summary>
    public static class TextureWriter
    {
        /// <summary>Writes a picture into a texture.</summary>
        /// <param name="picture">RGBA with 8 bits.</param>
        /// <param name="into">A texture that can be written to; it gets the picture's size, and the
        /// format RGBA32 where it has another. Null: a new one, sRGB, without mipmaps, which is yours to
        /// destroy.</param>
        /// <returns>The texture, uploaded to the GPU.</returns>
        /// <exception cref="ArgumentException">The picture is of another format, or the texture
        /// cannot be written to.</exception>
        public static Texture2D Write(Picture picture, Texture2D into = null)
        {
            if (picture.Format != PictureFormat.Rgba8)
                throw new ArgumentException($"A texture is written from Rgba8, not from {picture.Format}.");
            if (into == null) into = new Texture2D(picture.WidthPx, picture.HeightPx, TextureFormat.RGBA32, false);
            else if (!into.isReadable)
                throw new ArgumentException(
                    $"The texture '{into.name}' cannot be written to. Enable Read/Write in its import settings, "
                    + "or let a new one be made.");
            else if (!Fits(into, picture))
                into.Reinitialize(picture.WidthPx, picture.HeightPx, TextureFormat.RGBA32, false);
            PixelRows.ToTexture(picture.Bytes, into.GetPixelData<byte>(0), picture.WidthPx, picture.HeightPx);
            into.Apply(true);
            return into;
        }

        private static bool Fits(Texture2D texture, Picture picture)
        {
            return texture.width == picture.WidthPx && texture.height == picture.HeightPx
                && texture.format == TextureFormat.RGBA32;
        }
    }
}
