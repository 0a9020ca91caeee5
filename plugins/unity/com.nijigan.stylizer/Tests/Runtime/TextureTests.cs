using System;
using NUnit.Framework;
using UnityEngine;
using Object = UnityEngine.Object;

namespace Nijigan.Tests
{
    /// <summary>Textures that are read and written.</summary>
    public sealed class TextureTests
    {
        /// <summary>What is written is upside down for Unity, and read as it was.</summary>
        [Test]
        public void WhatIsWrittenIsReadAgain()
        {
            byte[] pixels = Numbers(3 * 2 * 4);
            Texture2D texture = TextureWriter.Write(new Picture(pixels, 3, 2));
            try
            {
                Assert.AreEqual(new[] { 3, 2 }, new[] { texture.width, texture.height });
                Color32 bottomLeft = texture.GetPixels32()[0];
                Assert.AreEqual(pixels[3 * 4], bottomLeft.r);
                using (var reader = new TextureReader())
                {
                    Picture read = reader.Read(texture);
                    Assert.AreEqual(pixels, Bytes(read));
                }
            }
            finally
            {
                Object.DestroyImmediate(texture);
            }
        }

        /// <summary>What Unity makes of files is read from memory, the right way up.</summary>
        [TestCase(TextureFormat.ARGB32)]
        [TestCase(TextureFormat.RGB24)]
        public void TexturesOfFilesAreRead(TextureFormat format)
        {
            var texture = new Texture2D(2, 2, format, false);
            texture.SetPixels32(new[]
            {
                new Color32(1, 2, 3, 255), new Color32(4, 5, 6, 255), new Color32(7, 8, 9, 255), new Color32(10, 11, 12, 255),
            });
            try
            {
                using (var reader = new TextureReader())
                {
                    reader.Begin(texture);
                    Assert.IsFalse(reader.IsReading); // no GPU was asked
                    Assert.AreEqual(new byte[] { 7, 8, 9, 255, 10, 11, 12, 255, 1, 2, 3, 255, 4, 5, 6, 255 }, Bytes(reader.Take()));
                }
            }
            finally
            {
                Object.DestroyImmediate(texture);
            }
        }

        /// <summary>A texture that fits is used again, another one gets the picture's size.</summary>
        [Test]
        public void ATextureIsUsedAgain()
        {
            Texture2D texture = TextureWriter.Write(new Picture(Numbers(16), 2, 2));
            try
            {
                Assert.AreSame(texture, TextureWriter.Write(new Picture(Numbers(24), 2, 3), texture));
                Assert.AreEqual(3, texture.height);
            }
            finally
            {
                Object.DestroyImmediate(texture);
            }
        }

        /// <summary>What cannot be written says so, and why.</summary>
        [Test]
        public void OtherFormatsAreRefused()
        {
            var error = Assert.Throws<ArgumentException>(
                () => TextureWriter.Write(new Picture(Numbers(12), 2, 2, PictureFormat.Rgb8)));
            Assert.IsTrue(error.Message.Contains("Rgb8"));
        }

        /// <summary>A texture that cannot be written to names the remedy.</summary>
        [Test]
        public void TexturesWithoutMemoryAreRefused()
        {
            var texture = new Texture2D(2, 2, TextureFormat.RGBA32, false);
            texture.Apply(false, true);
            try
            {
                var error = Assert.Throws<ArgumentException>(
                    () => TextureWriter.Write(new Picture(Numbers(16), 2, 2), texture));
                Assert.IsTrue(error.Message.Contains("Read/Write"));
            }
            finally
            {
                Object.DestroyImmediate(texture);
            }
        }

        /// <summary>Nothing is read of nothing.</summary>
        [Test]
        public void ThereMustBeATexture()
        {
            using (var reader = new TextureReader())
            {
                var error = Assert.Throws<StylizerException>(() => reader.Read(null));
                Assert.AreEqual("There is no texture to draw.", error.Fact);
            }
        }

        private static byte[] Numbers(int count)
        {
            var numbers = new byte[count];
            for (int i = 0; i < count; i++) numbers[i] = (byte)(i * 7);
            return numbers;
        }

        private static byte[] Bytes(Picture picture)
        {
            var bytes = new byte[picture.Count];
            Array.Copy(picture.Bytes, bytes, picture.Count);
            return bytes;
        }
    }
}
