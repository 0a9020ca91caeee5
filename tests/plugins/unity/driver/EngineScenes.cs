using System;
using System.Threading;
using Nijigan;
using UnityEngine;
using UnityShim;

/// Drawing in the engine.
public static class EngineScenes
{
    public static void TheComponentDrawsInTheEngine()
    {
        Stylizer stylizer = PictureScenes.New();
        stylizer.Drawer = new InferenceEngineStylizer(Networks.Negative());
        Texture2D source = Textures.Make(22, 17); // no multiples of 4
        Textures.MustBeNegative(PictureScenes.Wait(stylizer.StylizeAsync(source)), source);
        Texture2D same = PictureScenes.Wait(stylizer.StylizeAsync(source, new StylizeSettings("any", 0f)));
        Check.Equal(Inside.Get(source, 5, 5), Inside.Get(same, 5, 5), "a pixel at the strength 0");

        var cancel = new CancellationTokenSource();
        var task = stylizer.StylizeAsync(source, null, cancel.Token);
        cancel.Cancel();
        PictureScenes.Fails<OperationCanceledException>(task);
        Textures.MustBeNegative(PictureScenes.Wait(stylizer.StylizeAsync(source)), source);
    }

    public static void TexturesStayOnTheGpu()
    {
        using (var stylizer = new InferenceEngineStylizer(Networks.Negative()))
        {
            foreach (ColorSpace space in new[] { ColorSpace.Gamma, ColorSpace.Linear })
            {
                Inside.ColorSpace = space;
                Texture2D source = Textures.Make(24, 16);
                var target = new RenderTexture(24, 16, 0, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
                stylizer.Draw(source, target);
                Color32 was = Inside.Get(source, 3, 2);
                Check.Equal((byte)(255 - was.r), Inside.Get(target, 3, 2).r, "a pixel in " + space);
            }
            RenderTexture linear = Textures.OnGpu(Textures.Make(24, 16), RenderTextureReadWrite.Linear);
            var encoded = new RenderTexture(24, 16, 0, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
            stylizer.Draw(linear, encoded);
            Check.That(Math.Abs(255 - 100 - Inside.Get(encoded, 10, 2).r) <= 2, "linear light is encoded");
        }
        Check.Equal(0, Inside.Temporaries, "the number of temporary textures");
    }
}
