using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Nijigan;
using Nijigan.Samples;
using UnityEditor;
using UnityEngine;
using UnityShim;
using Object = UnityEngine.Object;

/// A style that `nijigan export --to unity` wrote, in a project that is the working directory.
public static class StyleScenes
{
    const string Asset = "Assets/Cel/cel.nijiganstyle";
    const string Sha256OfA = "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd";
    static readonly string[] Files = { "cel_draft.onnx", "cel_normal.onnx", "cel_fine.onnx" };

    public static void AStyleIsImportedAndShown(string folder)
    {
        IList<string> dependencies = Import(() => Networks.Negative());
        Check.Equal("", string.Join("\n", Player.Logged.ToArray()), "what was logged");
        foreach (string file in Files)
        {
            Check.That(dependencies.Contains("artifact Assets/Cel/" + file), "it depends on the import of " + file);
            Check.That(dependencies.Contains("source Assets/Cel/" + file), "it depends on " + file);
        }
        Check.That(dependencies.Contains("source Assets/Cel/preview.png"), "it depends on its preview");

        StyleAsset style = AssetDatabase.LoadAssetAtPath<StyleAsset>(Asset);
        Check.Equal("cel", style.StyleName, "the name");
        Check.Equal(4, style.SideMultiple, "what sides are multiples of");
        Check.Equal(0, style.FixedSizePx, "the only size");
        var preview = AssetDatabase.LoadAssetAtPath<Texture2D>(Asset);
        Check.Equal(768, preview.width, "the width of the preview");
        Check.That(Project.Thumbnails[Asset] == preview, "the preview is the thumbnail in the Project window");
        foreach (Quality quality in new[] { Quality.Draft, Quality.Normal, Quality.Fine })
        {
            StyleNetwork network = NetworkOf(quality);
            string named = quality.ToString().ToLowerInvariant();
            Check.Equal($"Cel ({named})", network.name, "the name of a network");
            Check.That(network.Style == style, "a network knows its style");
            var model = AssetDatabase.LoadAssetAtPath<Object>($"Assets/Cel/cel_{named}.onnx");
            Check.That(network.Model == model, "a network's model is that of its file");
        }

        Desk.Inspect(Asset);
        Check.That(Gui.Pictures.Single() == preview, "the preview is shown");
        string said = File.ReadAllText(Asset);
        string version = Regex.Match(said, "\"version\": *\"([^\"]+)\"").Groups[1].Value;
        Check.That(version.Length > 0, "the style has a version");
        int weights = int.Parse(Regex.Match(said, "\"parameters\": *(\\d+)").Groups[1].Value);
        int steps = int.Parse(Regex.Match(said, "\"split_sha256\"[^}]*\"steps\": *(\\d+)").Groups[1].Value);
        foreach (string words in new[]
        {
            "Cel " + version, "on a painted animation cel", "Name: cel", "License: Apache-2.0", "multiples of 4 px",
            "a short side of: 720 px", "draft, normal, fine",
            FormattableString.Invariant($"Network nijigan, {weights:N0} weights, trained by nijigan, {steps:N0} steps in "),
            " hours. Data: Landscapes",
            "Limit: Fine regular texture", "Unity's inference engine draws with it.",
        })
        {
            Check.That(Gui.Shows(words), words + " is among: " + string.Join(" | ", Gui.Words.ToArray()));
        }

        Stylizer stylizer = PictureScenes.New();
        stylizer.Drawer = new InferenceEngineStylizer(NetworkOf(Quality.Fine));
        Texture2D source = Textures.Make(22, 17);
        Textures.MustBeNegative(PictureScenes.Wait(stylizer.StylizeAsync(source)), source);
    }

    public static void WithoutTheInferenceEngineAStyleIsShownToo(string folder)
    {
        Import(() => new DefaultAsset());
        StyleNetwork network = NetworkOf(Quality.Normal);
        Check.That(network.Model == null, "there is no model that a player could have");
        Desk.Inspect(Asset);
        Check.Equal(1, Gui.Pictures.Count, "the number of pictures");
        Check.That(Gui.Shows("install the package com.unity.ai.inference"), "what to install");
        var error = Fails(() => new InferenceEngineStylizer(network));
        Check.That(error.Fact.Contains("Cel (normal)") && error.Fact.Contains("the style cel"), error.Fact);
        Check.That(error.Remedy.Contains("com.unity.ai.inference"), error.Remedy);
    }

    public static void WhatIsWrongWithAStyleIsTold(string folder)
    {
        string whole = File.ReadAllText(Asset);
        string[] again = { "nijigan export STYLE --to unity" };
        Broken(whole.Substring(0, whole.Length / 2), "cel.nijiganstyle: not JSON", again);
        Broken("[1]", "cel.nijiganstyle: not JSON", again);
        Broken(whole.Replace("\"format\": 1", "\"format\": 2"), "format is 2", "Update the package");
        Broken(whole.Replace("\"license\"", "\"licence\""), "'license' is missing", again);
        Broken(whole.Replace("\"input_multiple\": 4", "\"input_multiple\": 0.5"), "'input_multiple' is 0.5", again);
        Broken(whole.Replace("\"preview.png\"", "\"../preview.png\""), "'../preview.png' cannot be", again);
        string other = whole.Replace("\"file\": \"cel_draft", "\"file\": \"cool_draft");
        Broken(other, "'cool_draft.onnx' has no sha256", again);
        File.WriteAllText(Asset, whole);

        BrokenFile("cel_fine.onnx", bytes => bytes.Concat(bytes).ToArray(), "cel_fine.onnx: not the file", "Git LFS");
        BrokenFile("cel_fine.onnx", bytes => null, "cel_fine.onnx: belongs to cel.nijiganstyle", "Copy the whole");
        const string Key = "\"preview.png\": \"";
        int at = whole.IndexOf(Key) + Key.Length;
        File.WriteAllText(Asset, whole.Substring(0, at) + Sha256OfA + whole.Substring(at + Sha256OfA.Length));
        BrokenFile("preview.png", bytes => new[] { (byte)'A' }, "preview.png: not the style's preview", "Export");
        File.WriteAllText(Asset, whole);

        // What was broken and is mended is imported.
        Import(() => Networks.Negative());
        Check.Equal("cel", NetworkOf(Quality.Normal).Style.StyleName, "the name");
        Check.Equal(1, Inside.Alive, "the number of textures: the preview");
    }

    public static void TheAvatarSampleDrawsInTheStyle(string folder)
    {
        Import(() => Networks.Negative());
        var sample = WithNetwork<AvatarSample>();
        Fields.Set(sample, "styles", new[] { "ink" });
        const string Toggle = "Draw in the engine, without a sidecar (no face is looked for)";
        Gui.Enter(Toggle, true);
        Gui.Draw(sample);
        File.Copy("Assets/Cel/preview.png", "photo.png");
        Gui.Enter("text", "photo.png");
        Gui.Draw(sample);
        Gui.Draw(sample, "Use File");
        Player.Until(() => sample.State == AvatarState.Choosing, "the drawings, after " + sample.State);
        Gui.Draw(sample);
        Check.That(Gui.Shows("cel 25 %") && !Gui.Shows("ink"), "the drawings are named after the style that draws");
        Check.Equal(4, Gui.Pictures.Count, "the number of drawings");

        sample.enabled = false;
        Fields.Set(sample, "profile", LiveScenes.At("localhost"));
        sample.enabled = true;
        Gui.Draw(sample);
        Check.That(Gui.Shows("is no address"), "why there is no sidecar");
        Check.That(!Gui.Shows(Toggle), "there is nothing to choose from");
        Gui.Enter("text", "photo.png");
        Gui.Draw(sample);
        Gui.Draw(sample, "Use File");
        Player.Until(() => sample.State == AvatarState.Choosing, "the drawings all the same, after " + sample.State);
    }

    public static void TheLiveSampleDrawsInTheStyle(string folder)
    {
        Import(() => Networks.Negative());
        Cameras.Plugged("front");
        var sample = WithNetwork<LiveSample>();
        Gui.Enter("Draw in the engine, without a sidecar", true);
        Gui.Draw(sample);
        Texture2D seen = Textures.Make(24, 16);
        Cameras.Show(seen, 0, false);
        Player.Frame();
        Gui.Draw(sample);
        Color32 was = Inside.Get(seen, 3, 2);
        Check.Equal((byte)(255 - was.r), Inside.Get(Gui.Pictures.Single(), 3, 2).r, "a pixel of what the camera sees");
        Cameras.Show(seen, 90, true); // as phones do
        Player.Frame();
        Gui.Draw(sample);
        Textures.MustBeShownUpright(Cameras.Opened.Single(), negative: true);
        sample.enabled = false;
        Check.Equal(0, Cameras.Opened.Count, "the number of cameras that are open");
        Check.Equal(0, Inside.Temporaries, "the number of temporary textures");
    }

    public static void AStyleOfOneSizeRefusesLargerPictures(string folder)
    {
        Import(() => Networks.Negative());
        Desk.Inspect(Asset);
        Check.That(Gui.Shows("Sizes: 32×32 px alone"), "the only size is shown");
        Stylizer stylizer = PictureScenes.New();
        var engine = new InferenceEngineStylizer(NetworkOf(Quality.Normal));
        stylizer.Drawer = engine;
        Texture2D smaller = Textures.Make(22, 17);
        Textures.MustBeNegative(PictureScenes.Wait(stylizer.StylizeAsync(smaller)), smaller);
        var error = PictureScenes.Fails<StylizerException>(stylizer.StylizeAsync(Textures.Make(33, 16)));
        Check.That(error.Fact.Contains("32×32"), error.Fact);
        var target = new RenderTexture(70, 40, 0, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
        engine.Draw(Textures.Make(70, 40), target); // a camera's picture is fitted to it
        Check.Equal((byte)255, Inside.Get(target, 0, 0).r, "a pixel of the camera's picture");
    }

    static IList<string> Import(Func<Object> network)
    {
        foreach (string file in Files)
        {
            Project.Put("Assets/Cel/" + file, network());
        }
        return Project.ImportByScript(Asset);
    }

    static StyleNetwork NetworkOf(Quality quality)
    {
        return AssetDatabase.LoadAllAssetsAtPath(Asset).OfType<StyleNetwork>().Single(each => each.Quality == quality);
    }

    static T WithNetwork<T>() where T : MonoBehaviour
    {
        T sample = new GameObject("sample").AddComponent<T>();
        sample.enabled = false;
        Fields.Set(sample, "network", NetworkOf(Quality.Normal));
        sample.enabled = true;
        return sample;
    }

    static StylizerException Fails(Action action)
    {
        try
        {
            action();
        }
        catch (StylizerException error)
        {
            return error;
        }
        throw new InvalidOperationException("There was no error.");
    }

    static void Broken(string text, string fact, params string[] remedy)
    {
        File.WriteAllText(Asset, text);
        MustBeTold(fact, remedy);
    }

    static void BrokenFile(string name, Func<byte[], byte[]> damage, string fact, params string[] remedy)
    {
        string path = "Assets/Cel/" + name;
        byte[] before = File.ReadAllBytes(path);
        byte[] damaged = damage(before);
        if (damaged == null)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllBytes(path, damaged);
        }
        MustBeTold(fact, remedy);
        File.WriteAllBytes(path, before);
    }

    static void MustBeTold(string fact, string[] remedy)
    {
        Player.Logged.Clear();
        Import(() => Networks.Negative());
        string told = string.Join("\n", Player.Logged.ToArray());
        Check.That(told.StartsWith("import error: Assets/Cel/"), "the file is told: " + told);
        Check.That(told.Contains(fact), fact + " is told: " + told);
        Check.That(remedy.All(each => told.Contains(each)), "the remedy is told: " + told);
        Check.Equal(0, AssetDatabase.LoadAllAssetsAtPath(Asset).Length, "nothing is imported of what is broken");
        Desk.Inspect(Asset);
        Check.That(Gui.Shows("The Console says why"), "the Inspector says where to look");
        Player.Logged.Clear();
    }
}
