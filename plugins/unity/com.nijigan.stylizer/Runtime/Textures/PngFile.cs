using System;
using System.IO;
using UnityEngine;

namespace Nijigan
{
    /// <summary>Writes textures into PNG files.</summary>
    public static class PngFile
    {
        /// <summary>Writes one. A file of that name is replaced once the new one is whole.</summary>
        /// <param name="texture">A texture of RGBA32 that is in memory, as drawings are.</param>
        /// <param name="path">Where; folders that are missing are made.</param>
        /// <exception cref="IOException">It cannot be written.</exception>
        public static void Save(Texture2D texture, string path)
        {
            byte[] png = texture.EncodeToPNG();
            string folder = Path.GetDirectoryName(Path.GetFullPath(path));
            Directory.CreateDirectory(folder);
            string whole = Path.Combine(folder, "." + Guid.NewGuid().ToString("N"));
            try
            {
                File.WriteAllBytes(whole, png);
                if (File.Exists(path)) File.Replace(whole, path, null);
                else File.Move(whole, path);
            }
            finally
            {
                File.Delete(whole);
            }
        }
    }
}
