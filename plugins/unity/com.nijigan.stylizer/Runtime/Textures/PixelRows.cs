using System;
using Unity.Collections;
using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// The order of pixels: Unity's textures begin with the bottom row, pictures with the top one.
    /// All are RGBA with 8 bits, without padding.
    /// </summary>
    internal static class PixelRows
    {
        private const int BytesPerPixel = 4;

        /// <summary>Copies a texture's pixels into a picture.</summary>
        /// <param name="from">Rows from the bottom.</param>
        /// <param name="to">Rows from the top.</param>
        /// <param name="widthPx">Width of both.</param>
        /// <param name="heightPx">Height of both.</param>
        public static void ToPicture(NativeArray<byte> from, byte[] to, int widthPx, int heightPx)
        {
            int row = widthPx * BytesPerPixel;
            for (int y = 0; y < heightPx; y++)
                NativeArray<byte>.Copy(from, (heightPx - 1 - y) * row, to, y * row, row);
        }

        /// <summary>Copies a texture's colors into a picture.</summary>
        /// <param name="from">Rows from the bottom.</param>
        /// <param name="to">Rows from the top.</param>
        /// <param name="widthPx">Width of both.</param>
        /// <param name="heightPx">Height of both.</param>
        public static void ToPicture(Color32[] from, byte[] to, int widthPx, int heightPx)
        {
            int at = 0;
            for (int y = heightPx - 1; y >= 0; y--)
            {
                for (int x = 0; x < widthPx; x++)
                {
                    Color32 color = from[y * widthPx + x];
                    to[at++] = color.r;
                    to[at++] = color.g;
                    to[at++] = color.b;
                    to[at++] = color.a;
                }
            }
        }

        /// <summary>Copies a picture's pixels into a texture.</summary>
        /// <param name="from">Rows from the top.</param>
        /// <param name="to">Rows from the bottom.</param>
        /// <param name="widthPx">Width of both.</param>
        /// <param name="heightPx">Height of both.</param>
        public static void ToTexture(byte[] from, NativeArray<byte> to, int widthPx, int heightPx)
        {
            int row = widthPx * BytesPerPixel;
            for (int y = 0; y < heightPx; y++)
                NativeArray<byte>.Copy(from, y * row, to, (heightPx - 1 - y) * row, row);
        }

        /// <summary>Turns a picture upside down, in place.</summary>
        /// <param name="pixels">Its rows.</param>
        /// <param name="widthPx">Its width.</param>
        /// <param name="heightPx">Its height.</param>
        /// <param name="spare">An array of one row or more.</param>
        public static void Mirror(byte[] pixels, int widthPx, int heightPx, byte[] spare)
        {
            int row = widthPx * BytesPerPixel;
            for (int y = 0; y < heightPx / 2; y++)
            {
                int other = (heightPx - 1 - y) * row;
                Buffer.BlockCopy(pixels, y * row, spare, 0, row);
                Buffer.BlockCopy(pixels, other, pixels, y * row, row);
                Buffer.BlockCopy(spare, 0, pixels, other, row);
            }
        }

        /// <summary>Turns a picture clockwise, from one array into another.</summary>
        /// <param name="from">Its rows.</param>
        /// <param name="to">The rows of the turned one; for 90 and 270 degrees its width is
        /// <paramref name="heightPx"/>.</param>
        /// <param name="widthPx">Its width.</param>
        /// <param name="heightPx">Its height.</param>
        /// <param name="degrees">90, 180 or 270.</param>
        public static void Turn(byte[] from, byte[] to, int widthPx, int heightPx, int degrees)
        {
            for (int y = 0; y < heightPx; y++)
            {
                for (int x = 0; x < widthPx; x++)
                {
                    int at = Turned(x, y, widthPx, heightPx, degrees) * BytesPerPixel;
                    int was = (y * widthPx + x) * BytesPerPixel;
                    to[at] = from[was];
                    to[at + 1] = from[was + 1];
                    to[at + 2] = from[was + 2];
                    to[at + 3] = from[was + 3];
                }
            }
        }

        private static int Turned(int x, int y, int widthPx, int heightPx, int degrees)
        {
            switch (degrees)
            {
                case 90: return x * heightPx + heightPx - 1 - y;
                case 180: return (heightPx - 1 - y) * widthPx + widthPx - 1 - x;
                case 270: return (widthPx - 1 - x) * heightPx + y;
                default:
                    throw new ArgumentOutOfRangeException(nameof(degrees), degrees, "Give 90, 180 or 270.");
            }
        }
    }
}
