using System;
using System.Collections.Generic;
using Nijigan;
using UnityEngine;
using Object = UnityEngine.Object;

namespace NijiganEditor
{
    /// <summary>The previews of styles, as textures to show.</summary>
    internal sealed class PreviewTextures : IDisposable
    {
        private readonly SidecarWatch watch;
        private readonly Dictionary<byte[], Texture2D> textures = new Dictionary<byte[], Texture2D>();

        /// <summary>Makes them when they are asked for.</summary>
        public PreviewTextures(SidecarWatch watch)
        {
            this.watch = watch;
        }

        /// <summary>A style's preview: before and after, side by side; null while there is none.</summary>
        public Texture2D Of(Style style)
        {
            byte[] png = watch.PreviewOf(style);
            if (png == null) return null;
            if (textures.TryGetValue(png, out Texture2D made)) return made;
            made = new Texture2D(1, 1, TextureFormat.RGBA32, false) { hideFlags = HideFlags.HideAndDontSave };
            made.LoadImage(png);
            textures[png] = made;
            return made;
        }

        /// <summary>Destroys the textures.</summary>
        public void Dispose()
        {
            foreach (Texture2D each in textures.Values) Object.DestroyImmediate(each);
            textures.Clear();
        }
    }
}
