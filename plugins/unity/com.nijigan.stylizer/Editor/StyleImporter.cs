using System.Collections.Generic;
using System.IO;
using System.Linq;
using Nijigan;
using UnityEditor;
using UnityEditor.AssetImporters;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>
    /// Makes a <see cref="StyleAsset"/> of NAME.nijiganstyle and the files beside it, with a <see
    /// cref="StyleNetwork"/> for each quality and the preview within. What is wrong with them is an
    /// import error, and there is no asset until it is mended.
    /// </summary>
    /// <remarks>The networks are imported before, by Unity's inference engine where the project has
    /// it.</remarks>
    [ScriptedImporter(1, "nijiganstyle", AfterNetworks)]
    public sealed class StyleImporter : ScriptedImporter
    {
        private const int AfterNetworks = 100;

        /// <inheritdoc/>
        public override void OnImportAsset(AssetImportContext ctx)
        {
            try
            {
                StyleFile file = StyleFile.Read(ctx.assetPath);
                foreach (string name in file.Files) ctx.DependsOnSourceAsset(file.PathOf(name));
                file.CheckFiles();
                Import(file, ctx);
            }
            catch (StylizerException error)
            {
                ctx.LogImportError(error.Message);
            }
        }

        private static void Import(StyleFile file, AssetImportContext ctx)
        {
            var style = ScriptableObject.CreateInstance<StyleAsset>();
            KeyValuePair<Quality, string>[] networks;
            Texture2D preview;
            try
            {
                file.Describe(style);
                networks = file.Networks().ToArray();
                preview = Preview(file);
            }
            catch (StylizerException)
            {
                Object.DestroyImmediate(style);
                throw;
            }
            ctx.AddObjectToAsset("style", style, preview);
            ctx.SetMainObject(style);
            ctx.AddObjectToAsset("preview", preview);
            foreach (KeyValuePair<Quality, string> each in networks)
            {
                string path = file.PathOf(each.Value);
                ctx.DependsOnArtifact(path);
                ctx.AddObjectToAsset(each.Key.ToString(), Network(style, each.Key, path));
            }
        }

        // Where nothing reads its file, that is an asset which a player could not have.
        private static StyleNetwork Network(StyleAsset style, Quality quality, string path)
        {
            var network = ScriptableObject.CreateInstance<StyleNetwork>();
            network.name = $"{style.Title} ({quality.ToString().ToLowerInvariant()})";
            network.style = style;
            network.quality = quality;
            var model = AssetDatabase.LoadAssetAtPath<Object>(path);
            network.model = model is DefaultAsset ? null : model;
            return network;
        }

        private static Texture2D Preview(StyleFile file)
        {
            string path = file.PathOf(StyleFile.Preview);
            var made = new Texture2D(1, 1, TextureFormat.RGBA32, false) { name = "Preview" };
            if (file.Files.Contains(StyleFile.Preview) && made.LoadImage(File.ReadAllBytes(path))) return made;
            Object.DestroyImmediate(made);
            throw new StylizerException(
                $"{path}: not the style's preview, a PNG file.", "Export the style again.", StatusCode.DataLoss);
        }
    }
}
