using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Nijigan;
using NijiganEditor;
using UnityEditor;
using UnityEditor.PackageManager;
using UnityEngine;
using UnityShim;

/// The Editor's windows, clicked through, in a project that is the working directory.
public static class EditorScenes
{
    public static void TexturesAreDrawnInBatch(string folder)
    {
        Texture2D first = Asset("Assets/stone.png");
        Texture2D second = Asset("Assets/wood.png");
        Texture2D normals = Asset("Assets/bumps.png");
        ((TextureImporter)AssetImporter.GetAtPath("Assets/bumps.png")).textureType = TextureImporterType.NormalMap;
        var settings = (TextureImporter)AssetImporter.GetAtPath("Assets/stone.png");
        settings.maxTextureSize = 128;
        settings.textureType = TextureImporterType.Sprite;
        byte[] before = File.ReadAllBytes("Assets/stone.png");
        var material = new Material { mainTexture = second };
        StylizeWindow window = Window<StylizeWindow>();
        Desk.Select(first, normals, material);
        Gui.Draw(window);
        Check.That(Gui.Shows("3 selected"), "the number of textures");
        Gui.Enter("Use in Materials", true);
        Gui.Draw(window);
        Gui.Draw(window, "Stylize Textures");
        Until(window, () => Gui.Shows("Assets/wood cel.png"), "the drawings");

        Textures.MustBeNegative(Load("Assets/stone cel.png"), Load("Assets/stone.png"));
        Check.That(Gui.Shows("Assets/bumps.png: ") && Gui.Shows("not colors"), "why there is none of the normals");
        Check.That(before.SequenceEqual(File.ReadAllBytes("Assets/stone.png")), "the source is as it was");
        var copied = (TextureImporter)AssetImporter.GetAtPath("Assets/stone cel.png");
        Check.Equal(128, copied.maxTextureSize, "the size that is imported");
        Check.Equal(TextureImporterType.Sprite, copied.textureType, "the type that is imported");
        Check.That(ReferenceEquals(material.mainTexture, Load("Assets/wood cel.png")), "the material has the drawing");
        Check.Equal("Use Drawings / Use Drawings", Desk.Undoable.Single(), "what can be undone");
        Check.Equal("start Draw textures in cel", Desk.Told.First(), "the first line of the task");
        Check.Equal("finish Failed", Desk.Told.Last(), "the last line of the task, as one failed");

        Desk.Select(first);
        Gui.Draw(window, "Stylize Textures");
        Until(window, () => Gui.Shows("Assets/stone cel 1.png"), "another drawing, and no other name lost");
        Check.Equal("finish Succeeded", Desk.Told.Last(), "the last line of the task");
        Check.That(!Directory.GetFiles("Assets").Any(path => Path.GetFileName(path).StartsWith(".")), "nothing is left over");
    }

    public static void TexturesOfPackagesAreDrawn(string folder)
    {
        Project.Install("com.rocks", PackageSource.Registry);
        Project.Install("com.mine", PackageSource.Embedded);
        Texture2D fixedOne = Asset("Packages/com.rocks/rock.png");
        Texture2D mine = Asset("Packages/com.mine/moss.png");
        var material = new Material { mainTexture = fixedOne };
        StylizeWindow window = Window<StylizeWindow>();
        Desk.Select(material, mine);
        Gui.Draw(window);
        Gui.Enter("Use in Materials", true);
        Gui.Draw(window);
        Gui.Draw(window, "Stylize Textures");
        Until(window, () => Gui.Shows("rock cel.png") && Gui.Shows("moss cel.png"), "the drawings");
        Check.That(Gui.Words.Contains("Assets/rock cel.png"), "that of a package that is fixed is in Assets");
        Check.That(Gui.Words.Contains("Packages/com.mine/moss cel.png"), "the other one is beside its source");
        Check.That(material.mainTexture == Load("Assets/rock cel.png"), "the material has the drawing");

        AssetDatabase.StartAssetEditing(); // some other script
        Desk.Select(material);
        Gui.Draw(window, "Stylize Textures");
        Until(window, () => Gui.Shows("has not imported it"), "that it is not imported");
        Check.That(material.mainTexture == Load("Assets/rock cel.png"), "the material has what it had");
        AssetDatabase.StopAssetEditing();
    }

    public static void FilesAreDrawnWithoutAGpu(string folder)
    {
        Inside.HasGpu = false;
        Texture2D file = Asset("Assets/stone.png");
        var known = new Texture2D(24, 17, TextureFormat.RGBA32, false) { name = "cloud" };
        Project.Put("Assets/cloud.exr", known);
        Inside.Compress(known);
        StylizeWindow window = Window<StylizeWindow>();
        Desk.Select(file, known);
        Gui.Draw(window, "Stylize Textures");
        Until(window, () => Gui.Shows("Assets/stone cel.png"), "the drawing");
        Textures.MustBeNegative(Load("Assets/stone cel.png"), Load("Assets/stone.png"));
        Check.That(Gui.Shows("Assets/cloud.exr: Unity runs without a GPU"), "why there is none of what is no file");
    }

    public static void ABatchIsCancelled(string folder)
    {
        Texture2D texture = Asset("Assets/stone.png");
        StylizeWindow window = Window<StylizeWindow>();
        Desk.Select(texture);
        Gui.Draw(window, "Stylize Textures");
        Until(window, () => Desk.Told.Any(line => line.StartsWith("report")), "progress");
        Check.That(Desk.CancelTask(), "the task can be cancelled");
        Until(window, () => Desk.Told.Last() == "finish Canceled", "the end of the task");
        Check.Equal(1, Directory.GetFiles("Assets").Length, "the number of files");
        Gui.Draw(window, "Stylize Textures"); // it can be begun anew
        Gui.Draw(window, "Cancel");
        Until(window, () => Desk.Told.Count(line => line == "finish Canceled") == 2, "the other end");
    }

    public static void WhatACameraSeesIsDrawn(string folder)
    {
        Directory.CreateDirectory("Assets");
        var camera = new GameObject("Main Camera").AddComponent<Camera>();
        Cameras.InScene.Add(camera);
        StylizeWindow window = Window<StylizeWindow>();
        Gui.Enter("Width", 32);
        Gui.Enter("Height", 20);
        Desk.Select();
        Gui.Draw(window);
        Gui.Draw(window, "Stylize View");
        Until(window, () => Gui.Shows("Assets/Main Camera cel.png"), "the drawing");
        Texture2D drawn = Load("Assets/Main Camera cel.png");
        Check.Equal(32, drawn.width, "the width");
        Check.Equal((byte)(255 - 250), Inside.Get(drawn, 3, 19).b, "the sky, which is above");
        Check.Equal((byte)(255 - 30), Inside.Get(drawn, 3, 0).b, "the ground");
        Check.Equal((byte)255, Inside.Get(drawn, 3, 19).a, "the alpha of the sky");
        Check.That(camera.targetTexture == null, "the camera renders where it did before");
        Check.Equal(0, Inside.Temporaries, "the number of temporary textures");
    }

    public static void StylesAreShown(string folder)
    {
        StylesWindow window = Window<StylesWindow>();
        Until(window, () => Gui.Pictures.Count > 0, "the preview");
        Check.That(Gui.Shows("nijigan "), "the version");
        Check.That(Gui.Shows("Toy 1.0.0"), "the title");
        Check.That(Gui.Shows("Limit: It draws nothing."), "the limits");
        Check.Equal(32, Gui.Pictures[0].width, "the preview's width");
        Gui.Draw(window, "Use toy");
        Check.Equal("toy", NijiganSettings.instance.Style, "the style of the project");
        StylizeWindow other = Window<StylizeWindow>();
        Gui.Enter("Strength", 0.5f);
        Gui.Enter("Quality", (Enum)Quality.Draft);
        Gui.Draw(other);
        StylizeSettings settings = NijiganSettings.instance.ToStylizeSettings();
        Check.Equal(0.5f, settings.Strength, "the strength of the project");
        Check.Equal(Quality.Draft, settings.Quality, "the quality of the project");
        Check.Equal(Priority.Batch, settings.Priority, "the priority");
    }

    public static void TheSidecarIsStartedAndStopped(string folder, string command)
    {
        NijiganSettings.instance.Command = Path.Combine(folder, "no such command");
        StylesWindow window = Window<StylesWindow>();
        Until(window, () => Gui.Shows("No sidecar is running"), "that there is none");
        Gui.Draw(window, "Start");
        Until(window, () => Gui.Shows("no such command"), "that the command is not there");
        NijiganSettings.instance.Command = command;
        Gui.Draw(window, "Start");
        Gui.Draw(window);
        Check.That(Gui.Shows("The sidecar is starting"), "that it starts");
        Until(window, () => Gui.Shows("Address: 127.0.0.1:"), "where it is");
        string address = Gui.Words.First(each => each.StartsWith("Address"));
        Gui.Draw(window, "Show Log");
        Check.That(File.Exists(Desk.Revealed.Single()), "the log");
        Gui.Draw(window, "Copy Diagnostics");
        string copied = EditorGUIUtility.systemCopyBuffer;
        Check.That(copied.Contains("sidecar: Ready") && copied.Contains("port " + address.Split(':').Last()), copied);
        Check.That(copied.Contains("no such command"), "the last errors are there: " + copied);
        Check.That(!copied.Contains("token"), "there is no token: " + copied);
        Gui.Draw(window, "Restart");
        Gui.Draw(window); // where it has stopped already, it starts
        Check.That(Gui.Shows("The sidecar is stopping") || Gui.Shows("The sidecar is starting"), "that it restarts");
        Until(window, () => Gui.Shows("Address: ") && !Gui.Words.Contains(address), "where it is now");
        Gui.Draw(window, "Stop");
        Until(window, () => Gui.Shows("No sidecar is running"), "that there is none any more");
    }

    public static void TheSidecarOutlivesAReload(string folder, string command)
    {
        Desk.Reload(); // as the Editor begins
        NijiganSettings.instance.Command = command;
        StylesWindow window = Window<StylesWindow>();
        Desk.Pass(31);
        Until(window, () => Gui.Shows("No sidecar is running"), "that there is none, and none is kept");
        Gui.Draw(window, "Start");
        Until(window, () => Gui.Shows("Address: "), "where it is");
        Desk.Reload();
        Until(window, () => Gui.Shows("Address: "), "where it is");
        int calls = Calls();
        Desk.Pass(31);
        Until(window, () => Calls() == calls + 1, "that it is called");
        Desk.Pass(1);
        Desk.Pass(31);
        Until(window, () => Calls() == calls + 2, "that it is called again, and not more often");
        Gui.Draw(window, "Stop");
        Until(window, () => Gui.Shows("No sidecar is running"), "that there is none any more");
        Check.That(!SessionState.GetBool("com.nijigan.stylizer.keeps", true), "none is kept any more");
    }

    // How often the sidecar was asked what it is, as its log says.
    static int Calls()
    {
        string log = Path.Combine(Environment.GetEnvironmentVariable("NIJIGAN_HOME"), "logs", "sidecar.log");
        using (var file = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)))
        {
            return file.ReadToEnd().Split('\n').Count(line => line.Contains("GetServerInfo"));
        }
    }

    public static void TheWatchEndsBeforeScriptsAreReloaded(string folder)
    {
        StylesWindow window = Window<StylesWindow>();
        Until(window, () => Gui.Shows("nijigan "), "the version");
        SidecarWatch watch = EditorSidecar.instance.Watch;
        Player.Quit(); // Play has ended
        PictureScenes.Wait(watch.Stylizer.Client.GetServerInfoAsync());
        Desk.Reload();
        PictureScenes.Fails<ObjectDisposedException>(watch.Stylizer.Client.GetServerInfoAsync());
        Gui.Draw(window);
        Check.That(Gui.Shows("Looking for the sidecar"), "another watch has begun");
        Until(window, () => Gui.Shows("nijigan "), "the version");
    }

    public static void WhatTheWatchDidNotExpectIsShown(string folder)
    {
        using (var watch = new SidecarWatch(() => { throw new ArgumentException("Illegal characters in path."); }))
        {
            Task starting = watch.StartAsync();
            Player.Until(() => starting.IsCompleted, "the end of it");
            Check.That(!starting.IsFaulted, "it does not fail");
            Check.Equal("Illegal characters in path", watch.Condition.Line, "what is shown");
            Check.That(watch.Condition.CanStart, "it can be tried again");
            Check.Equal("Illegal characters in path.", watch.Errors.Single(), "what is kept for who helps");
        }
    }

    static T Window<T>() where T : EditorWindow
    {
        return EditorWindow.GetWindow<T>(typeof(T).Name);
    }

    static void Until(EditorWindow window, Func<bool> so, string what)
    {
        Player.Until(() =>
        {
            Gui.Draw(window);
            return so();
        }, what, 60);
    }

    static Texture2D Asset(string path)
    {
        Directory.CreateDirectory("Assets");
        Directory.CreateDirectory(Path.GetDirectoryName(path));
        File.WriteAllBytes(path, Textures.Make(24, 17).EncodeToPNG());
        return Project.Import(path);
    }

    static Texture2D Load(string path)
    {
        return AssetDatabase.LoadAssetAtPath<Texture2D>(path);
    }
}
