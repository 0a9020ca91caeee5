using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>What a style looks like, and what its maker says of it.</summary>
    internal static class StyleCard
    {
        private const float MostHeightPx = 256f;

        /// <summary>Draws what comes first.</summary>
        /// <param name="title">Name for people, and version.</param>
        /// <param name="preview">Before and after, side by side; null: none yet.</param>
        /// <param name="description">One or two sentences.</param>
        public static void DrawHead(string title, Texture2D preview, string description)
        {
            EditorGUILayout.LabelField(title, EditorStyles.boldLabel);
            if (preview != null)
            {
                float aspect = (float)preview.width / preview.height;
                Rect place = GUILayoutUtility.GetAspectRect(aspect, GUILayout.MaxHeight(MostHeightPx));
                GUI.DrawTexture(place, preview, ScaleMode.ScaleToFit);
            }
            EditorGUILayout.LabelField(description, EditorStyles.wordWrappedLabel);
        }

        /// <summary>Draws what the style is bad at.</summary>
        /// <param name="limits">Sentences.</param>
        public static void DrawLimits(IEnumerable<string> limits)
        {
            foreach (string limit in limits)
                EditorGUILayout.LabelField("Limit: " + limit, EditorStyles.wordWrappedLabel);
        }
    }
}
