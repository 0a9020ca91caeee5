using Nijigan;
using UnityEditor;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>The styles of the sidecar, with their previews and what their makers say (Window ›
    /// Nijigan › Styles).</summary>
    public sealed class StylesWindow : EditorWindow
    {
        private SidecarWatch watch;
        private SidecarPanel panel;
        private PreviewTextures previews;
        private Vector2 scroll;

        /// <summary>Shows the window.</summary>
        [MenuItem("Window/Nijigan/Styles")]
        public static void Open()
        {
            GetWindow<StylesWindow>("Styles");
        }

        private void OnEnable()
        {
            watch = EditorSidecar.instance.Watch;
            panel = new SidecarPanel(watch);
            previews = new PreviewTextures(watch);
            watch.Changed += Repaint;
            _ = watch.LookAsync();
        }

        private void OnDisable()
        {
            watch.Changed -= Repaint;
            previews.Dispose();
        }

        private void OnGUI()
        {
            scroll = EditorGUILayout.BeginScrollView(scroll);
            panel.Draw();
            foreach (Style style in watch.Condition.Styles)
            {
                EditorGUILayout.Space();
                DrawCard(style);
            }
            EditorGUILayout.EndScrollView();
        }

        private void DrawCard(Style style)
        {
            StyleCard.DrawHead($"{style.Title} {style.Version}", previews.Of(style), style.Description);
            EditorGUILayout.LabelField("Name", style.Name);
            EditorGUILayout.LabelField("License", style.License);
            EditorGUILayout.LabelField("Learned by", style.Method);
            EditorGUILayout.LabelField("Lines suit a short side of", $"{style.WorkingShortSidePx} px");
            StyleCard.DrawLimits(style.Limits);
            if (!GUILayout.Button($"Use {style.Name}")) return;
            NijiganSettings settings = NijiganSettings.instance;
            settings.Draw(style.Name, settings.Strength, settings.Quality, settings.ShortSidePx);
        }
    }
}
