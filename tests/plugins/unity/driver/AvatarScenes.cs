using System;
using System.IO;
using System.Linq;
using Nijigan;
using Nijigan.Samples;
using UnityEngine;
using UnityShim;
using Object = UnityEngine.Object;

/// The sample Avatar, clicked through, against a sidecar that finds faces.
public static class AvatarScenes
{
    public static void AFileBecomesAnAvatar(string folder, string photo)
    {
        AvatarSample sample = New();
        Texture2D kept = null;
        Sprite sprite = null;
        sample.Kept += (texture, made) =>
        {
            kept = texture;
            sprite = made;
        };
        Use(sample, photo);
        Until(sample, AvatarState.Choosing);
        Gui.Draw(sample);
        Check.Equal(4, Gui.Pictures.Count, "the number of drawings");
        Check.That(Gui.Shows("cel 25 %"), "the drawings say their strength");
        Gui.Draw(sample, "cel 75 %");
        Check.Equal(AvatarState.Chosen, sample.State, "the state");
        Gui.Enter("text", "Ana/Maria");
        Gui.Draw(sample);
        Gui.Draw(sample, "Keep");
        Check.Equal(512, kept.width, "the avatar's width");
        Check.That(ReferenceEquals(sprite.texture, kept), "the sprite has that texture");
        string file = Directory.GetFiles(Path.Combine(Application.persistentDataPath, "avatars")).Single();
        Check.Equal("Ana_Maria.png", Path.GetFileName(file), "the file");
        var read = new Texture2D(1, 1, TextureFormat.RGBA32, false);
        Check.That(read.LoadImage(File.ReadAllBytes(file)), "the file is a PNG");
        for (int i = 0; i < 512; i += 7)
        {
            Check.Equal(Inside.Get(kept, i, i), Inside.Get(read, i, i), "a pixel of the file");
        }
        Gui.Draw(sample, "Keep");
        Check.Equal(1, Directory.GetFiles(Path.GetDirectoryName(file)).Length, "the number of files after another time");
        Gui.Draw(sample, "Another Photo");
        Check.Equal(AvatarState.WaitsForPhoto, sample.State, "the state");
        Object.Destroy(sample.gameObject);
        Player.Frame();
        Player.Frame();
        Check.Equal(3, Inside.Alive, "the number of textures: two that were kept, and the one read");
        Check.Equal(0, Player.Logged.Count, "the number of lines that were logged");
    }

    public static void APhotoIsTakenByTheCamera(string folder, string photo)
    {
        AvatarSample sample = New();
        Gui.Draw(sample, "Open Camera");
        Gui.Draw(sample);
        Check.That(Gui.Shows("No camera was found"), "that there is no camera");
        Player.CameraAllowed = false;
        Gui.Draw(sample, "Open Camera");
        Gui.Draw(sample);
        Check.That(Gui.Shows("may not be used"), "that the camera may not be used");
        Player.CameraAllowed = true;
        Cameras.Plugged("front");
        Gui.Draw(sample, "Open Camera");
        Gui.Draw(sample);
        Check.That(!Gui.Shows("Take Photo"), "there is nothing to take yet");
        var seen = new Texture2D(1, 1, TextureFormat.RGBA32, false);
        seen.LoadImage(File.ReadAllBytes(photo));
        Cameras.Show(seen, 0, false);
        Gui.Draw(sample);
        Check.Equal(1, Gui.Pictures.Count, "the number of pictures: what the camera sees");
        foreach (int angle in new[] { 0, 90, 180, 270 })
        {
            foreach (bool mirrored in new[] { false, true })
            {
                Cameras.Show(Textures.Make(24, 17), angle, mirrored);
                Gui.Draw(sample);
                Textures.MustBeShownUpright(Cameras.Opened.Single(), negative: false);
            }
        }
        Cameras.Show(seen, 0, false);
        Gui.Draw(sample);
        Gui.Draw(sample, "Take Photo");
        Check.Equal(0, Cameras.Opened.Count, "the number of cameras that are open");
        Until(sample, AvatarState.Choosing);
    }

    public static void APhotoWithoutAFaceIsRefusedAndTakenAllTheSame(string folder, string photo)
    {
        AvatarSample sample = New();
        Use(sample, Path.Combine(folder, "there is none.png"));
        Gui.Draw(sample);
        Check.That(Gui.Shows("there is none.png"), "the file that is not there");
        Use(sample, photo);
        Until(sample, AvatarState.Refused);
        Gui.Draw(sample);
        Check.That(Gui.Shows("No face"), "why it is refused");
        Gui.Draw(sample, "Take It Anyway");
        Until(sample, AvatarState.Drawing);
        Gui.Draw(sample, "Cancel");
        Check.Equal(AvatarState.WaitsForPhoto, sample.State, "the state");
    }

    public static void OneOfSeveralFacesIsChosen(string folder, string photo)
    {
        AvatarSample sample = New();
        Use(sample, photo);
        Until(sample, AvatarState.Refused);
        Gui.Draw(sample);
        Check.That(Gui.Shows("Face 1 from the left"), "the first face");
        Gui.Draw(sample, "Face 2 from the left");
        Until(sample, AvatarState.Choosing);
    }

    public static void WithoutASidecarThePlayerIsToldAndCanStartOne(string folder, string photo)
    {
        AvatarSample sample = New();
        Use(sample, photo);
        Until(sample, AvatarState.Failed);
        Gui.Draw(sample);
        Check.That(Gui.Shows("No sidecar is running"), "that there is none");
        Gui.Draw(sample, "Start Sidecar");
        Gui.Draw(sample);
        Check.That(Gui.Shows("The sidecar is starting"), "that it starts");
        Until(sample, AvatarState.Choosing);
    }

    public static void AnAvatarIsDrawnInTheEngine(string folder, string photo)
    {
        var flow = new AvatarFlow(
            new MiddleFramer(), new InferenceEngineStylizer(Networks.Negative()), AvatarVariant.Of(new[] { "cel" }));
        var seen = new Texture2D(1, 1, TextureFormat.RGBA32, false);
        seen.LoadImage(File.ReadAllBytes(photo));
        using (var reader = new TextureReader())
        {
            _ = flow.TakeAsync(reader.Read(seen));
        }
        Player.Until(() => flow.State == AvatarState.Choosing, "the drawings");
        byte was = flow.Framed.Value.Bytes[400];
        Check.Equal((byte)(255 - was), flow.Drawings[0].Bytes[400], "the first, whose strength is 1");
        // A fourth of the way from what it was to its negative.
        Check.That(Math.Abs(was + 0.25f * (255 - 2 * was) - flow.Drawings[3].Bytes[400]) <= 1f, "the last one");
    }

    public static void TheAvatarSampleTellsOfAnAddressThatIsNone()
    {
        AvatarSample sample = New();
        sample.enabled = false;
        Fields.Set(sample, "profile", LiveScenes.At("localhost"));
        sample.enabled = true;
        Gui.Draw(sample);
        Check.That(Gui.Shows("\"localhost\" is no address."), "what is wrong");
        Check.That(!Gui.Shows("Use File"), "there is nothing to draw with");
        Check.Equal(0, Player.Logged.Count, "the number of lines that were logged");
    }

    static AvatarSample New()
    {
        return new GameObject("avatar").AddComponent<AvatarSample>();
    }

    static void Use(AvatarSample sample, string path)
    {
        Gui.Enter("text", path);
        Gui.Draw(sample);
        Gui.Draw(sample, "Use File");
    }

    static void Until(AvatarSample sample, AvatarState state)
    {
        Player.Until(() => sample.State == state, "the state " + state + ", after " + sample.State);
    }
}
