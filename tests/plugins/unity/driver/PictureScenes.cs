using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Nijigan;
using UnityEditor;
using UnityEngine;
using UnityShim;
using Object = UnityEngine.Object;

/// The component Stylizer against a sidecar.
public static class PictureScenes
{
    public static void ATextureIsDrawnTheRightWayUp()
    {
        Stylizer stylizer = New();
        var told = new List<float>();
        stylizer.Progressed += progress => told.Add(progress.Fraction);
        Texture2D source = Textures.Make(24, 17);
        Texture2D drawing = Wait(stylizer.StylizeAsync(source));
        Textures.MustBeNegative(drawing, source);
        Player.Until(() => told.Contains(1f), "all of the progress");
        Check.That(!stylizer.IsDrawing, "nothing is being drawn any more");
        Check.Equal(2, Inside.Alive, "the number of textures");

        Texture2D again = Wait(stylizer.StylizeAsync(drawing, drawing));
        Check.That(ReferenceEquals(again, drawing), "the texture that was given is drawn into");
        Textures.MustBeNegative(source, Wait(stylizer.StylizeAsync(again)));
    }

    public static void TexturesAreReadFromTheGpu()
    {
        Stylizer stylizer = New();
        Texture2D source = Textures.Make(24, 17);
        Texture2D expected = Wait(stylizer.StylizeAsync(source));
        foreach (bool canReadBack in new[] { true, false })
        {
            Inside.CanReadBack = canReadBack;
            Texture2D alone = Textures.Make(24, 17);
            Inside.ForgetMemory(alone);
            Texture2D compressed = Textures.Make(24, 17);
            Inside.Compress(compressed);
            var all = new Texture[] { alone, compressed, Textures.OnGpu(source, RenderTextureReadWrite.sRGB) };
            foreach (Texture each in all)
            {
                Textures.MustBeNegative(Wait(stylizer.StylizeAsync(each)), source);
            }
        }
        Check.Equal(0, Inside.Temporaries, "the number of temporary textures");
        Textures.MustBeNegative(expected, source);
        Inside.CanReadBack = true;
        Inside.ReadbackFails = true;
        var error = Fails<StylizerException>(
            stylizer.StylizeAsync(Textures.OnGpu(source, RenderTextureReadWrite.sRGB)));
        Check.Equal("Try again.", error.Remedy, "the remedy");
    }

    public static void LinearLightIsEncoded()
    {
        Inside.ColorSpace = ColorSpace.Linear;
        Inside.CanReadBack = true;
        Stylizer stylizer = New();
        Texture2D source = Textures.Make(24, 17);
        Textures.MustBeNegative(Wait(stylizer.StylizeAsync(source)), source);
        RenderTexture encoded = Textures.OnGpu(source, RenderTextureReadWrite.sRGB);
        Textures.MustBeNegative(Wait(stylizer.StylizeAsync(encoded)), source);
        RenderTexture linear = Textures.OnGpu(source, RenderTextureReadWrite.Linear);
        Check.That(Inside.Get(linear, 12, 8).r < 120 * 120 / 255, "linear light is darker in numbers");
        // 8 bits of linear light have few steps in the dark.
        Texture2D drawing = Wait(stylizer.StylizeAsync(linear));
        Textures.MustBeNegative(drawing, source, 14);
        Texture2D inMemory = Textures.CopyOfLinear(linear);
        Check.Equal(Inside.Get(drawing, 12, 8), Inside.Get(Wait(stylizer.StylizeAsync(inMemory)), 12, 8), "a pixel");
    }

    public static void ColorsAreTheSameInGuiEvents()
    {
        Inside.ColorSpace = ColorSpace.Linear;
        RenderTexture source = Textures.OnGpu(Textures.Make(24, 17), RenderTextureReadWrite.sRGB);
        using (var reader = new TextureReader())
        {
            Gui.Draw(() => reader.Read(source));
            Check.Equal(Inside.Get(source, 5, 16).r, reader.Take().Bytes[4 * 5], "a pixel of the top row");
        }
        using (var engine = new InferenceEngineStylizer(Networks.Negative()))
        {
            RenderTexture linear = Textures.OnGpu(Textures.Make(24, 16), RenderTextureReadWrite.Linear);
            var drawn = new RenderTexture(24, 16, 0, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
            Gui.Draw(() => engine.Draw(linear, drawn));
            Check.That(Math.Abs(255 - 100 - Inside.Get(drawn, 10, 2).r) <= 2, "linear light is encoded");
        }
        Check.That(RenderTexture.active == null, "what is active is as it was");
    }

    public static void CamerasAreTurnedUpright()
    {
        Inside.CanReadBack = true;
        Cameras.Plugged("front");
        Stylizer stylizer = New();
        var webcam = new WebCamTexture("front", 640, 480, 30);
        webcam.Play();
        var early = Fails<StylizerException>(stylizer.StylizeAsync(webcam));
        Check.That(early.Fact.Contains("no picture yet"), "a camera that has not begun says so");
        Texture2D seen = Textures.Make(24, 17);
        Cameras.Show(seen, 90, false);
        Texture2D turned = Wait(stylizer.StylizeAsync(webcam));
        Check.Equal(17, turned.width, "the width");
        // Turned clockwise, the left column becomes the top row: its bottom is at the left.
        Check.Equal((byte)(255 - Inside.Get(seen, 0, 0).g), Inside.Get(turned, 0, 23).g, "the top left");
        Check.Equal((byte)(255 - Inside.Get(seen, 0, 16).g), Inside.Get(turned, 16, 23).g, "the top right");
        Cameras.Show(seen, 0, true);
        Texture2D mirrored = Wait(stylizer.StylizeAsync(webcam));
        Check.Equal((byte)(255 - Inside.Get(seen, 0, 0).g), Inside.Get(mirrored, 0, 16).g, "the top");
    }

    public static void TheEventsTell()
    {
        Stylizer stylizer = New();
        Texture2D drawn = null;
        stylizer.Drawn += each => drawn = each;
        Texture2D source = Textures.Make(16, 16);
        stylizer.Stylize(source);
        Player.Until(() => drawn != null, "the drawing");
        Textures.MustBeNegative(drawn, source);
        Check.Equal(0, Player.Logged.Count, "the number of lines that were logged");
    }

    public static void ARequestIsCancelled()
    {
        Stylizer stylizer = New();
        Texture2D source = Textures.Make(24, 17);
        Texture2D into = Textures.Make(24, 17);
        bool begun = false;
        stylizer.Progressed += progress => begun = true;
        var cancel = new CancellationTokenSource();
        Task<Texture2D> task = stylizer.StylizeAsync(source, into, cancel.Token);
        Player.Until(() => begun, "progress");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        cancel.Cancel();
        Fails<OperationCanceledException>(task);
        Check.That(watch.ElapsedMilliseconds < 500, "cancelling takes no half second");
        Check.Equal((byte)10, Inside.Get(into, 1, 0).r, "what was in the texture");
        Task<Texture2D> next = stylizer.StylizeAsync(source);
        stylizer.Cancel();
        Fails<OperationCanceledException>(next);
    }

    public static void TheObjectIsDestroyedMeanwhile()
    {
        Inside.CanReadBack = true;
        Stylizer stylizer = New();
        bool begun = false;
        bool told = false;
        stylizer.Progressed += progress => begun = true;
        stylizer.Failed += error => told = true;
        stylizer.Drawn += drawing => told = true;
        RenderTexture source = Textures.OnGpu(Textures.Make(24, 17), RenderTextureReadWrite.sRGB);
        stylizer.Stylize(source);
        Task<Texture2D> task = stylizer.StylizeAsync(source);
        Player.Until(() => begun, "progress");
        Object.Destroy(stylizer.gameObject);
        Fails<OperationCanceledException>(task);
        Player.Until(() => Inside.Temporaries == 0, "that the textures are given back");
        Check.That(!told, "nobody is told anything");
        Check.Equal(0, Player.Logged.Count, "the number of lines that were logged");
        Fails<OperationCanceledException>(stylizer.StylizeAsync(source));
    }

    public static void TheTargetIsDestroyedMeanwhile()
    {
        Stylizer stylizer = New();
        bool begun = false;
        stylizer.Progressed += progress => begun = true;
        Texture2D into = Textures.Make(24, 17);
        Task<Texture2D> task = stylizer.StylizeAsync(Textures.Make(24, 17), into);
        Player.Until(() => begun, "progress");
        Object.Destroy(into);
        Player.Frame();
        Console.WriteLine("release");
        Fails<OperationCanceledException>(task);
    }

    public static void AllEndsWithTheApplication()
    {
        foreach (Action end in new Action[] { Player.Quit, Desk.Reload })
        {
            Stylizer stylizer = New();
            bool begun = false;
            stylizer.Progressed += progress => begun = true;
            Task<Texture2D> task = stylizer.StylizeAsync(Textures.Make(24, 17));
            Player.Until(() => begun, "progress");
            end();
            Player.Until(() => task.IsCompleted, "the end of the request");
            Check.That(task.Status != TaskStatus.RanToCompletion, "there is no drawing");
        }
    }

    public static void WithoutASidecarTheRemedyIsTold()
    {
        Stylizer stylizer = New();
        stylizer.Stylize(Textures.Make(16, 16));
        Player.Until(() => Player.Logged.Count == 1, "a line in the log, as nobody listens");
        Check.That(Player.Logged[0].Contains("nijigan serve"), "the log has the remedy: " + Player.Logged[0]);
        StylizerException error = null;
        stylizer.Failed += each => error = each;
        stylizer.Stylize(Textures.Make(16, 16));
        Player.Until(() => error != null, "the error");
        Check.That(error is SidecarNotRunningException, "it is that there is no sidecar");
        Check.That(error.Remedy.Contains("nijigan serve"), "the remedy is told: " + error.Remedy);
        Check.Equal(1, Player.Logged.Count, "the number of lines that were logged");
    }

    public static void WithoutSocketsTheRemedyIsTold()
    {
        Stylizer stylizer = New();
        StylizerException error = null;
        stylizer.Failed += each => error = each;
        stylizer.Stylize(Textures.Make(16, 16));
        Check.Equal("NOT_SUPPORTED", error.Reason, "the reason");
        Check.That(error.Remedy.Contains("InferenceEngineStylizer"), "the remedy: " + error.Remedy);
        var live = new GameObject("live").AddComponent<LiveStylizer>();
        live.Source = Textures.Make(16, 16);
        Player.Frame();
        Check.That(!live.enabled, "the live one is disabled");
        Check.That(Player.Logged[0].Contains("WebGL has no sockets"), "the log: " + Player.Logged[0]);
    }

    public static void WithoutProcessesTheRemedyIsTold()
    {
        Stylizer stylizer = New();
        stylizer.Profile = ScriptableObject.CreateInstance<StylizerProfile>();
        stylizer.Profile.StartSidecar = true;
        StylizerException error = null;
        stylizer.Failed += each => error = each;
        stylizer.Stylize(Textures.Make(16, 16));
        Player.Until(() => error != null, "the error");
        Check.Equal("NOT_SUPPORTED", error.Reason, "the reason");
        Check.That(error.Remedy.Contains("nijigan serve"), "the remedy: " + error.Remedy);
    }

    internal static Stylizer New()
    {
        return new GameObject("stylizer").AddComponent<Stylizer>();
    }

    internal static T Wait<T>(Task<T> task)
    {
        Player.Until(() => task.IsCompleted, "a result");
        return task.GetAwaiter().GetResult();
    }

    internal static T Fails<T>(Task task) where T : Exception
    {
        Player.Until(() => task.IsCompleted, "an error");
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (T error)
        {
            return error;
        }
        throw new InvalidOperationException("There was no " + typeof(T).Name);
    }
}
