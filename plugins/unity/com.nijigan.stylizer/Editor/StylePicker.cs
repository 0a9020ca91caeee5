using System;
using System.Collections.Generic;
using System.Linq;
using Nijigan;
using UnityEditor;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>The controls of how to draw; what is chosen is kept in the project's settings.</summary>
    internal sealed class StylePicker
    {
        private readonly SidecarWatch watch;
        private readonly PreviewTextures previews;

        /// <summary>Makes one.</summary>
        public StylePicker(SidecarWatch watch, PreviewTextures previews)
        {
            this.watch = watch;
            this.previews = previews;
        }

        /// <summary>Draws it.</summary>
        public void Draw()
        {
            NijiganSettings settings = NijiganSettings.instance;
            EditorGUI.BeginChangeCheck();
            string style = StyleOf(settings.Style);
            float strength = EditorGUILayout.Slider("Strength", settings.Strength, 0f, 1f);
            var quality = (Quality)EditorGUILayout.EnumPopup("Quality", settings.Quality);
            int shortSidePx = EditorGUILayout.IntField("Short Side (0: as the style says)", settings.ShortSidePx);
            if (EditorGUI.EndChangeCheck()) settings.Draw(style, strength, quality, shortSidePx);
        }

        private string StyleOf(string chosen)
        {
            IReadOnlyList<Style> styles = watch.Condition.Styles;
            if (styles.Count == 0) return EditorGUILayout.TextField("Style", chosen);
            string[] names = styles.Select(each => each.Name).ToArray();
            int index = EditorGUILayout.Popup("Style", Array.IndexOf(names, chosen), names);
            if (index < 0) return chosen;
            Texture2D preview = previews.Of(styles[index]);
            if (preview != null) GUILayout.Label(preview, GUILayout.MaxHeight(128f));
            return names[index];
        }
    }
}
