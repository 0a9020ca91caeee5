using System;
using System.Collections.Generic;
using Nijigan;
using UnityEngine;
using Object = UnityEngine.Object;

namespace Nijigan.Samples
{
    /// <summary>The drawings of a flow, as textures to choose from.</summary>
    internal sealed class AvatarGallery : IDisposable
    {
        private const float SidePx = 200f;

        private readonly List<Texture2D> textures = new List<Texture2D>();
        private AvatarFlow flow;

        /// <summary>Shows the drawings of this flow from now on.</summary>
        public void Show(AvatarFlow shown)
        {
            if (flow != null) flow.Changed -= Follow;
            flow = shown;
            flow.Changed += Follow;
            Follow();
        }

        /// <summary>A drawing, as a texture.</summary>
        public Texture2D TextureOf(int index)
        {
            return textures[index];
        }

        /// <summary>Draws them side by side.</summary>
        /// <returns>Which one was clicked; -1: none.</returns>
        public int Draw()
        {
            int clicked = -1;
            GUILayout.BeginHorizontal();
            for (int i = 0; i < textures.Count; i++)
            {
                GUILayout.BeginVertical();
                if (GUILayout.Button(textures[i], GUILayout.Width(SidePx), GUILayout.Height(SidePx))) clicked = i;
                GUILayout.Label(flow.Variants[i].ToString());
                GUILayout.EndVertical();
            }
            GUILayout.EndHorizontal();
            return clicked;
        }

        /// <summary>Destroys the textures.</summary>
        public void Dispose()
        {
            if (flow != null) flow.Changed -= Follow;
            flow = null;
            Clear();
        }

        private void Follow()
        {
            if (flow.Drawings.Count < textures.Count) Clear();
            while (textures.Count < flow.Drawings.Count)
            {
                Texture2D made = TextureWriter.Write(flow.Drawings[textures.Count]);
                made.name = flow.Variants[textures.Count].ToString();
                textures.Add(made);
            }
        }

        private void Clear()
        {
            foreach (Texture2D each in textures) Object.Destroy(each);
            textures.Clear();
        }
    }
}
