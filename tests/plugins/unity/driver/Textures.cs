using Nijigan;
using UnityEngine;
using UnityShim;

/// Textures whose pixels are all different, so that what is turned or mirrored is seen.
static class Textures
{
    public const byte Alpha = 200;

    public static Texture2D Make(int width, int height)
    {
        var made = new Texture2D(width, height, TextureFormat.RGBA32, false);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Inside.Set(made, x, y, (byte)(10 * x), (byte)(10 * y), (byte)(3 * (x + y)), Alpha);
            }
        }
        return made;
    }

    /// A texture in memory that says that it holds linear light.
    public static Texture2D CopyOfLinear(RenderTexture linear)
    {
        var made = new Texture2D(linear.width, linear.height, TextureFormat.RGBA32, false, true);
        for (int y = 0; y < made.height; y++)
        {
            for (int x = 0; x < made.width; x++)
            {
                Color32 pixel = Inside.Get(linear, x, y);
                Inside.Set(made, x, y, pixel.r, pixel.g, pixel.b, pixel.a);
            }
        }
        return made;
    }

    public static RenderTexture OnGpu(Texture2D source, RenderTextureReadWrite readWrite)
    {
        var made = new RenderTexture(source.width, source.height, 0, RenderTextureFormat.ARGB32, readWrite);
        GL.sRGBWrite = true;
        Graphics.Blit(source, made);
        RenderTexture.active = null;
        return made;
    }

    /// The sidecar of these tests draws negatives.
    public static void MustBeNegative(Texture drawing, Texture source, int tolerance = 0)
    {
        Check.Equal(source.width, drawing.width, "the width");
        Check.Equal(source.height, drawing.height, "the height");
        for (int y = 0; y < source.height; y++)
        {
            for (int x = 0; x < source.width; x++)
            {
                Color32 was = Inside.Get(source, x, y);
                Color32 now = Inside.Get(drawing, x, y);
                bool negative = Near(255 - was.r, now.r, tolerance) && Near(255 - was.g, now.g, tolerance)
                    && Near(255 - was.b, now.b, tolerance);
                Check.That(negative, "the pixel " + x + ", " + y + " is the negative of " + was.r + " " + was.g
                    + " " + was.b + " (it is " + now.r + " " + now.g + " " + now.b + ")");
                Check.Equal(was.a, now.a, "the alpha of " + x + ", " + y);
            }
        }
    }

    /// What is shown of the camera is what is read of it, which is upright; or the negative of that.
    public static void MustBeShownUpright(WebCamTexture camera, bool negative)
    {
        using (var reader = new TextureReader())
        {
            Picture upright = reader.Read(camera);
            for (int y = 0; y < upright.HeightPx; y++)
            {
                for (int x = 0; x < upright.WidthPx; x++)
                {
                    Color32? seen = Gui.Seen((x + 0.5f) / upright.HeightPx, (y + 0.5f) / upright.HeightPx);
                    int at = 4 * (y * upright.WidthPx + x);
                    for (int i = 0; i < 2; i++)
                    {
                        byte was = upright.Bytes[at + i];
                        byte now = i == 0 ? seen.Value.r : seen.Value.g;
                        Check.Equal(negative ? (byte)(255 - was) : was, now, "what is seen at " + x + ", " + y);
                    }
                }
            }
        }
    }

    static bool Near(int expected, int found, int tolerance)
    {
        return System.Math.Abs(expected - found) <= tolerance;
    }
}
