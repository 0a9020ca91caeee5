using System.Linq;
using NUnit.Framework;

namespace Nijigan.Tests
{
    /// <summary>What is done to pixels where there is no sidecar.</summary>
    public sealed class FramingTests
    {
        /// <summary>The middle of a photo, reduced by the mean.</summary>
        [Test]
        public void TheMiddleIsFramed()
        {
            // 6 by 2 pixels, whose reds are their columns times ten.
            byte[] pixels = Enumerable.Range(0, 12).SelectMany(i => new byte[] { (byte)(i % 6 * 10), 0, 0, 255 }).ToArray();
            Picture framed = Framed(new Picture(pixels, 6, 2), 1);
            Assert.AreEqual(new byte[] { 25, 0, 0, 255 }, framed.Bytes);
            Assert.AreEqual(new byte[] { 20, 0, 0, 255, 20, 0, 0, 255 }, Framed(new Picture(pixels, 6, 2), 4).Bytes.Take(8).ToArray());
        }

        /// <summary>Files are refused, with the reason.</summary>
        [Test]
        public void FilesAreRefused()
        {
            var error = Assert.Throws<StylizerException>(() => Framed(Picture.Encoded(new byte[] { 1 }), 4));
            Assert.IsTrue(error.Fact.Contains("Encoded"));
        }

        /// <summary>Planes are mirrored at the edge, and put together as they were, with their alpha.</summary>
        [Test]
        public void PicturesAreTakenApartAndPutTogether()
        {
            var picture = new Picture(new byte[] { 51, 102, 153, 7, 204, 255, 0, 8 }, 2, 1);
            float[] planes = PlanarPixels.Of(picture, 4, 1);
            Assert.AreEqual(new[] { 0.2f, 0.8f, 0.2f, 0.8f }, planes.Take(4).ToArray());
            Assert.AreEqual(picture.Bytes, PlanarPixels.ToPicture(planes, 4, 1, picture).Bytes);
            Assert.AreEqual(8, PlanarPixels.RoundedUp(5, 4));
        }

        /// <summary>A picture of one row or column has nothing to mirror but itself.</summary>
        [Test]
        public void OnePixelIsRepeated()
        {
            float[] planes = PlanarPixels.Of(new Picture(new byte[] { 51, 0, 0, 255 }, 1, 1), 2, 2);
            Assert.AreEqual(new[] { 0.2f, 0.2f, 0.2f, 0.2f }, planes.Take(4).ToArray());
        }

        private static Picture Framed(Picture photo, int sizePx)
        {
            return new MiddleFramer().FrameAsync(photo, new FrameFaceSettings(sizePx)).GetAwaiter().GetResult();
        }
    }
}
