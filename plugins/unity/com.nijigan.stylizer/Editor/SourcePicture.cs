using System.IO;
using Nijigan;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace NijiganEditor
{
    /// <summary>What is drawn of a texture asset.</summary>
    internal static class SourcePicture
    {
        /// <summary>Reads a texture asset: the file where Unity can read it (PNG, JPEG), else the
        /// imported texture, which the importer may have made smaller and compressed.</summary>
        /// <param name="texture">The asset.</param>
        /// <param name="reader">What reads imported textures.</param>
        /// <returns>The picture; its array may be the reader's.</returns>
        /// <exception cref="StylizerException">It holds no colors, or cannot be read.</exception>
        public static Picture Read(Texture2D texture, TextureReader reader)
        {
            string path = AssetDatabase.GetAssetPath(texture);
            if (path.Length == 0)
                throw new StylizerException($"'{texture.name}' is no asset.", "Save it into the project first.");
            CheckColors(path);
            return IsDecodable(path) ? Decoded(path) : reader.Read(texture);
        }

        private static void CheckColors(string path)
        {
            var importer = AssetImporter.GetAtPath(path) as TextureImporter;
            if (importer == null) return;
            if (importer.textureType == TextureImporterType.NormalMap || !importer.sRGBTexture)
                throw new StylizerException(
                    $"{path} holds numbers, not colors (a normal map, or sRGB is off).", "Choose color textures.",
                    reason: "NO_COLORS");
        }

        private static bool IsDecodable(string path)
        {
            string kind = Path.GetExtension(path).ToLowerInvariant();
            return kind == ".png" || kind == ".jpg" || kind == ".jpeg";
        }

        private static Picture Decoded(string path)
        {
            var file = new Texture2D(1, 1, TextureFormat.RGBA32, false) { hideFlags = HideFlags.HideAndDontSave };
            try
            {
                if (!file.LoadImage(File.ReadAllBytes(path)))
                    throw new StylizerException($"{path} cannot be read as a picture.", "Is the file damaged?");
                using (var reader = new TextureReader()) return reader.Read(file);
            }
            catch (IOException error)
            {
                throw new StylizerException(error.Message, "Is the file there?", inner: error);
            }
            finally
            {
                Object.DestroyImmediate(file);
            }
        }
    }
}
