using System.Collections.Generic;
using System.Linq;
using Nijigan;
using UnityEditor;
using UnityEditor.AssetImporters;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>Shows a style of the project in the Inspector: its preview, and its card.</summary>
    [CustomEditor(typeof(StyleImporter))]
    public sealed class StyleImporterEditor : ScriptedImporterEditor
    {
        /// <inheritdoc/>
        public override bool showImportedObject => false;

        /// <inheritdoc/>
        protected override bool needsApplyRevert => false;

        /// <inheritdoc/>
        public override void OnInspectorGUI()
        {
            var style = assetTarget as StyleAsset;
            if (style == null)
            {
                EditorGUILayout.HelpBox("The style was not imported. The Console says why.", MessageType.Error);
                return;
            }
            Object[] all = AssetDatabase.LoadAllAssetsAtPath(((AssetImporter)target).assetPath);
            StyleNetwork[] networks = all.OfType<StyleNetwork>().OrderBy(each => each.Quality).ToArray();
            StyleCard.DrawHead($"{style.Title} {style.Version}", all.OfType<Texture2D>().Single(), style.Description);
            EditorGUILayout.LabelField("Name", style.StyleName);
            EditorGUILayout.LabelField("License", style.License);
            EditorGUILayout.LabelField("Sizes", style.FixedSizePx > 0
                ? $"{style.FixedSizePx}×{style.FixedSizePx} px alone"
                : $"any; networks take multiples of {style.SideMultiple} px");
            EditorGUILayout.LabelField("Lines suit a short side of", $"{style.WorkingShortSidePx} px");
            EditorGUILayout.LabelField(
                "Qualities", string.Join(", ", networks.Select(each => each.Quality.ToString().ToLowerInvariant())));
            StyleCard.DrawLimits(style.Limits);
            EditorGUILayout.LabelField(style.Making, EditorStyles.wordWrappedLabel);
            EditorGUILayout.HelpBox(Engines(style, networks), MessageType.Info);
        }

        private static string Engines(StyleAsset style, IEnumerable<StyleNetwork> networks)
        {
            string sidecar = $"A sidecar that has the style {style.StyleName} draws with it too.";
            return networks.All(each => each.Model != null)
                ? $"Unity's inference engine draws with it. {sidecar}"
                : "To draw with it in the engine, install the package com.unity.ai.inference 2.2 or newer (Unity 6). "
                    + sidecar;
        }
    }
}
