using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Nijigan;
using Nijigan.Samples;
using UnityEngine;
using UnityShim;
using Object = UnityEngine.Object;

/// The component LiveStylizer against a sidecar.
public static class LiveScenes
{
    const int SteadyFrames = 2000;
    const int SmallestObject = 16; // bytes of mono's

    public static void PicturesAreDroppedAndTheNewestIsDrawn()
    {
        Inside.CanReadBack = true;
        LiveStylizer live = New();
        Texture2D picture = Textures.Make(24, 17);
        live.Source = Textures.OnGpu(picture, RenderTextureReadWrite.sRGB);
        UntilOneIsBeingDrawn();
        int dropped = live.DroppedFrames;
        Player.Until(() => live.DroppedFrames > dropped + 20, "pictures that are dropped meanwhile");
        Check.Equal(0, live.DrawnFrames, "the number of drawings");
        Check.Equal(1, Inside.Readbacks, "the number of pictures that were read");
        Check.That(live.Output == null, "there is no drawing yet");

        Texture2D newest = Textures.Make(24, 17);
        Inside.Set(newest, 0, 0, 99, 99, 99, Textures.Alpha);
        live.Source = Textures.OnGpu(newest, RenderTextureReadWrite.sRGB);
        var drawings = new List<byte>();
        live.FrameDrawn += each => drawings.Add(Inside.Get(each, 0, 0).r);
        Console.WriteLine("release");
        Player.Until(() => live.DrawnFrames >= 2, "two drawings");
        Check.Equal((byte)255, drawings[0], "the first, of what was sent before");
        Check.Equal((byte)(255 - 99), drawings[1], "the second, of the newest picture");
        Textures.MustBeNegative(live.Output, newest);
    }

    public static void NothingIsAllocatedInTheSteadyState()
    {
        foreach (bool canReadBack in new[] { true, false })
        {
            Inside.CanReadBack = canReadBack;
            LiveStylizer live = New();
            live.Source = Textures.OnGpu(Textures.Make(16, 16), RenderTextureReadWrite.sRGB);
            object unused = null;
            Until(live, 100);
            long before = Allocated();
            Until(live, live.DrawnFrames + SteadyFrames);
            long bytes = Allocated() - before;
            before = Allocated();
            for (int i = 0; i < SteadyFrames; i++)
            {
                unused = new object();
            }
            // Mono counts pieces of some kilobytes when they are full.
            long counted = Allocated() - before;
            Check.That(unused != null && counted > SmallestObject * SteadyFrames / 2, "allocations are counted");
            Check.That(bytes < counted, "less than an object a drawing is allocated (" + bytes + " bytes)");
            Object.Destroy(live.gameObject);
            Player.Frame();
        }
    }

    public static void ChangesOfTheProfileAreSeen()
    {
        LiveStylizer live = New();
        live.Profile = ScriptableObject.CreateInstance<StylizerProfile>();
        live.Profile.Style = "toy";
        live.Source = Textures.Make(24, 17);
        Player.Until(() => live.DrawnFrames > 2, "drawings");
        live.Profile.Strength = 0.25f;
        int before = live.DrawnFrames;
        Player.Until(() => live.DrawnFrames > before + 2, "drawings with the other strength");
    }

    public static void AFailureDisablesAndEnablingTriesAgain()
    {
        LiveStylizer live = New();
        var errors = new List<StylizerException>();
        live.Failed += errors.Add;
        live.Source = Textures.Make(24, 17);
        Player.Until(() => errors.Count > 0, "the error");
        Check.That(errors[0] is SidecarNotRunningException, "it is that there is no sidecar");
        Check.That(!live.enabled, "it is disabled");
        for (int i = 0; i < 20; i++)
        {
            Player.Frame();
        }
        Check.Equal(1, errors.Count, "the number of errors");
        live.enabled = true;
        Player.Until(() => errors.Count > 1, "the next error");
        Check.Equal(0, Player.Logged.Count, "the number of lines that were logged");
    }

    public static void ItIsDestroyedMeanwhile()
    {
        Inside.CanReadBack = true;
        LiveStylizer live = New();
        live.Source = Textures.OnGpu(Textures.Make(24, 17), RenderTextureReadWrite.sRGB);
        UntilOneIsBeingDrawn();
        Object.Destroy(live.gameObject);
        Player.Until(() => Inside.Temporaries == 0, "that the textures are given back");
        Check.Equal(0, Player.Logged.Count, "the number of lines that were logged");
    }

    public static void AnAddressThatIsNoneIsTold()
    {
        LiveStylizer live = New();
        live.Profile = At("localhost");
        var errors = new List<StylizerException>();
        live.Failed += errors.Add;
        live.Source = Textures.Make(24, 17);
        Player.Frame();
        Check.Equal("\"localhost\" is no address.", errors.Single().Fact, "the error");
        Check.That(errors[0].Remedy.Contains("host:port"), "the remedy: " + errors[0].Remedy);
        Check.That(!live.enabled, "it is disabled");
    }

    public static void TheLiveSampleGoesByItsProfile()
    {
        Cameras.Plugged("front");
        var sample = new GameObject("sample").AddComponent<LiveSample>();
        sample.enabled = false;
        Fields.Set(sample, "profile", At("127.0.0.1:1"));
        sample.enabled = true;
        Cameras.Show(Textures.Make(24, 17), 0, false);
        Player.Until(() =>
        {
            Gui.Draw(sample);
            return Gui.Shows("Try Again");
        }, "the failure");
        Check.That(Gui.Shows("Nothing answers at 127.0.0.1:1"), "whom it asked: " + string.Join(" | ", Gui.Words.ToArray()));
    }

    public static void WhatNobodyExpectsIsToldToo()
    {
        LiveStylizer live = New();
        var errors = new List<StylizerException>();
        live.Failed += errors.Add;
        live.Source = Textures.Make(24, 17);
        Player.Until(() => live.DrawnFrames > 0, "a drawing");
        live.Output.Apply(false, true); // what a game should not do
        Player.Until(() => errors.Count > 0, "the error");
        Check.That(errors[0].Fact.Contains("cannot be written to"), errors[0].Fact);
        Check.That(errors[0].InnerException is ArgumentException, "what it came of is kept");
        Check.That(!live.enabled, "it is disabled");
    }

    public static void WhatAListenerThrowsIsNoFailure()
    {
        LiveStylizer live = New();
        var errors = new List<StylizerException>();
        live.Failed += errors.Add;
        live.FrameDrawn += each => { throw new InvalidTimeZoneException(); };
        live.Source = Textures.Make(24, 17);
        for (int i = 0; i < 2; i++)
        {
            try
            {
                Player.Until(() => false, "what the listener throws");
            }
            catch (InvalidTimeZoneException)
            {
            }
        }
        Check.Equal(2, live.DrawnFrames, "the number of drawings");
        Check.That(live.enabled && errors.Count == 0, "it goes on");
    }

    public static void TheSourcePauses()
    {
        LiveStylizer live = New();
        var errors = new List<StylizerException>();
        live.Failed += errors.Add;
        Texture2D source = Textures.Make(24, 17);
        for (int i = 0; i < 2; i++)
        {
            live.Source = source;
            int before = live.DrawnFrames;
            Player.Until(() => live.DrawnFrames > before || errors.Count > 0, "a drawing");
            Check.That(errors.Count == 0 && live.enabled, "nothing fails");
            live.Source = null;
            Pass(2000);
        }
    }

    public static void NoDrawingComes()
    {
        using (var sidecar = new SidecarStylizer())
        using (var drawing = new LiveDrawing(sidecar.Client, new StylizeSettings("cel"), TimeSpan.FromSeconds(0.3)))
        {
            Picture drawn;
            Pass(500); // which counts from sending on
            Check.That(!drawing.TryTake(out drawn) && drawing.IsIdle, "a picture can be sent");
            drawing.Send(new Picture(new byte[16 * 16 * 4], 16, 16));
            DeadlineException error = null;
            Player.Until(() => (error = Late(drawing)) != null, "the error", 5);
            Check.That(error.Fact.Contains("0.3 s"), error.Fact);
            Check.That(drawing.HasEnded, "it has ended");
        }
    }

    static DeadlineException Late(LiveDrawing drawing)
    {
        try
        {
            Picture drawn;
            drawing.TryTake(out drawn);
            return null;
        }
        catch (DeadlineException error)
        {
            return error;
        }
    }

    static void Pass(int milliseconds)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Player.Until(() => watch.ElapsedMilliseconds > milliseconds, "the end of time");
    }

    // Whoever runs the sidecar says so by a file.
    static void UntilOneIsBeingDrawn()
    {
        Player.Until(() => File.Exists("begun"), "the sidecar's beginning");
    }

    static LiveStylizer New()
    {
        return new GameObject("live").AddComponent<LiveStylizer>();
    }

    internal static StylizerProfile At(string address)
    {
        var profile = ScriptableObject.CreateInstance<StylizerProfile>();
        profile.Address = address;
        return profile;
    }

    // Without allocations of its own.
    static void Until(LiveStylizer live, int drawnFrames)
    {
        long end = DateTime.UtcNow.Ticks + TimeSpan.TicksPerMinute;
        while (live.DrawnFrames < drawnFrames)
        {
            Player.Frame();
            if (DateTime.UtcNow.Ticks > end)
            {
                throw new TimeoutException("Frames are not drawn.");
            }
        }
    }

    static readonly Func<long> allocated = (Func<long>)Delegate.CreateDelegate(
        typeof(Func<long>), typeof(GC).GetMethod("GetAllocatedBytesForCurrentThread"));

    static long Allocated()
    {
        return allocated();
    }
}
