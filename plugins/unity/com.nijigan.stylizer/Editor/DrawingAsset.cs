using System;
using System.IO;
using Nijigan;
using UnityEditor;
using UnityEditor.PackageManager;
using UnityEditor.Presets;
using UnityEngine;
using Object = UnityEngine.Object;
using PackageInfo = UnityEditor.PackageManager.PackageInfo;

namespace NijiganEditor
{
    /// <summary>Writes drawings into the project, as new PNG assets. Nothing is overwritten.</summary>
    internal static class DrawingAsset
    {
        private const string Project = "Assets";

        /// <summary>Writes a drawing beside what it was drawn from, with the same import settings; into
        /// Assets where that is of a package that cannot be changed, or Unity's own.</summary>
        /// <param name="drawing">The drawing, as RGBA8.</param>
        /// <param name="sourcePath">The asset that it was drawn from.</param>
        /// <param name="style">Name of the style, which the file is named after.</param>
        /// <returns>Path of the new asset.</returns>
        /// <exception cref="IOException">It cannot be written.</exception>
        /// <exception cref="StylizerException">Unity has not imported it.</exception>
        public static string WriteBeside(Picture drawing, string sourcePath, string style)
        {
            string folder = CanBeAddedTo(sourcePath) ? Path.GetDirectoryName(sourcePath).Replace('\\', '/') : Project;
            string path = Write(drawing, $"{folder}/{Path.GetFileNameWithoutExtension(sourcePath)} {style}.png");
            CopyImportSettings(sourcePath, path);
            return path;
        }

        /// <summary>Writes a drawing as a new asset.</summary>
        /// <param name="drawing">The drawing, as RGBA8.</param>
        /// <param name="wanted">Its path, where that is free; else a number is added.</param>
        /// <returns>Path of the new asset.</returns>
        /// <exception cref="IOException">It cannot be written.</exception>
        /// <exception cref="StylizerException">Unity has not imported it.</exception>
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
            if (AssetDatabase.LoadAssetAtPath<Texture2D>(path) == null)
                throw new StylizerException(
                    $"{path} is written, but Unity has not imported it.", "See the Console, then Assets > Refresh.");
            return path;
        }

        // What is written into any other package is no asset, and gone when the package is fetched anew.
        private static bool CanBeAddedTo(string sourcePath)
        {
            if (sourcePath.StartsWith(Project + "/", StringComparison.Ordinal)) return true;
            PackageInfo package = PackageInfo.FindForAssetPath(sourcePath);
            return package != null && (package.source == PackageSource.Embedded || package.source == PackageSource.Local);
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
