using System.IO;
using Nijigan;
using UnityEditor;
using UnityEditor.Presets;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>Writes drawings into the project, as new PNG assets. Nothing is overwritten.</summary>
    internal static class DrawingAsset
    {
        /// <summary>Writes a drawing beside what it was drawn from, with the same import settings.</summary>
        /// <param name="drawing">The drawing, as RGBA8.</param>
        /// <param name="sourcePath">The asset that it was drawn from.</param>
        /// <param name="style">Name of the style, which the file is named after.</param>
        /// <returns>Path of the new asset.</returns>
        /// <exception cref="IOException">It cannot be written.</exception>
        public static string WriteBeside(Picture drawing, string sourcePath, string style)
        {
            string folder = Path.GetDirectoryName(sourcePath).Replace('\\', '/');
            string path = Write(drawing, $"{folder}/{Path.GetFileNameWithoutExtension(sourcePath)} {style}.png");
            CopyImportSettings(sourcePath, path);
            return path;
        }

        /// <summary>Writes a drawing as a new asset.</summary>
        /// <param name="drawing">The drawing, as RGBA8.</param>
        /// <param name="wanted">Its path, where that is free; else a number is added.</param>
        /// <returns>Path of the new asset.</returns>
        /// <exception cref="IOException">It cannot be written.</exception>
        public static string Write(Picture drawing, string wanted)
        {
            string path = AssetDatabase.GenerateUniqueAssetPath(wanted);
            Texture2D texture = TextureWriter.Write(drawing);
            try
            {
                PngFile.Save(texture, path);
            }
            finally
            {
                Object.DestroyImmediate(texture);
            }
            AssetDatabase.ImportAsset(path);
            return path;
        }

        private static void CopyImportSettings(string from, string to)
        {
            AssetImporter source = AssetImporter.GetAtPath(from);
            AssetImporter target = AssetImporter.GetAtPath(to);
            if (source == null || target == null) return;
            var preset = new Preset(source);
            try
            {
                if (!preset.CanBeAppliedTo(target)) return;
                preset.ApplyTo(target);
                target.SaveAndReimport();
            }
            finally
            {
                Object.DestroyImmediate(preset);
            }
        }
    }
}
