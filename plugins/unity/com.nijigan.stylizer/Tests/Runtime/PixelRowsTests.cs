using NUnit.Framework;
using Unity.Collections;

namespace Nijigan.Tests
{
    /// <summary>The order of pixels.</summary>
    public sealed class PixelRowsTests
    {
        /// <summary>Rows from the bottom become rows from the top, and back.</summary>
        [Test]
        public void TexturesBeginWithTheBottomRow()
        {
            var texture = new NativeArray<byte>(2 * 3 * 4, Allocator.Temp);
            for (int i = 0; i < texture.Length; i++) texture[i] = (byte)i;
            var picture = new byte[texture.Length];
            PixelRows.ToPicture(texture, picture, 2, 3);
            Assert.AreEqual(new byte[] { 16, 17, 18, 19, 20, 21, 22, 23 }, Part(picture, 0, 8));
            Assert.AreEqual(new byte[] { 0, 1, 2, 3, 4, 5, 6, 7 }, Part(picture, 16, 8));

            var back = new NativeArray<byte>(texture.Length, Allocator.Temp);
            PixelRows.ToTexture(picture, back, 2, 3);
            for (int i = 0; i < back.Length; i++) Assert.AreEqual((byte)i, back[i]);
        }

        /// <summary>Three pixels in a row, turned clockwise.</summary>
        [TestCase(90, new byte[] { 1, 2, 3 })]
        [TestCase(180, new byte[] { 3, 2, 1 })]
        [TestCase(270, new byte[] { 3, 2, 1 })]
        public void ARowIsTurned(int degrees, byte[] expected)
        {
            Assert.AreEqual(expected, Reds(Turned(Pixels(1, 2, 3), 3, 1, degrees)));
        }

        /// <summary>Four pixels in a square, turned clockwise.</summary>
        [TestCase(90, new byte[] { 3, 1, 4, 2 })]
        [TestCase(180, new byte[] { 4, 3, 2, 1 })]
        [TestCase(270, new byte[] { 2, 4, 1, 3 })]
        public void ASquareIsTurned(int degrees, byte[] expected)
        {
            Assert.AreEqual(expected, Reds(Turned(Pixels(1, 2, 3, 4), 2, 2, degrees)));
        }

        /// <summary>Upside down; the row in the middle stays.</summary>
        [Test]
        public void ThePictureIsMirrored()
        {
            byte[] pixels = Pixels(1, 2, 3, 4, 5, 6);
            PixelRows.Mirror(pixels, 2, 3, new byte[8]);
            Assert.AreEqual(new byte[] { 5, 6, 3, 4, 1, 2 }, Reds(pixels));
        }

        private static byte[] Turned(byte[] pixels, int widthPx, int heightPx, int degrees)
        {
            var turned = new byte[pixels.Length];
            PixelRows.Turn(pixels, turned, widthPx, heightPx, degrees);
            return turned;
        }

        private static byte[] Pixels(params byte[] reds)
        {
            var pixels = new byte[4 * reds.Length];
            for (int i = 0; i < reds.Length; i++) pixels[4 * i] = reds[i];
            return pixels;
        }

        private static byte[] Reds(byte[] pixels)
        {
            var reds = new byte[pixels.Length / 4];
            for (int i = 0; i < reds.Length; i++) reds[i] = pixels[4 * i];
            return reds;
        }

        private static byte[] Part(byte[] from, int start, int count)
        {
            var part = new byte[count];
            System.Array.Copy(from, start, part, 0, count);
            return part;
        }
    }
}
