using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Nijigan;
using UnityEditor;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>
    /// Draws the selected textures, those of the selected objects, or what a camera sees, into new
    /// assets (Window › Nijigan › Stylize).
    /// </summary>
    public sealed class StylizeWindow : EditorWindow
    {
        private SidecarWatch watch;
        private SidecarPanel panel;
        private PreviewTextures previews;
        private StylePicker picker;
        private CancellationTokenSource work;
        private float fraction;
        private IReadOnlyList<BatchItem> items = new BatchItem[0];
        private string trouble = "";
        private bool useInMaterials;
        private int cameraIndex;
        private int widthPx = 1920;
        private int heightPx = 1080;
        private Vector2 scroll;

        /// <summary>Shows the window.</summary>
        [MenuItem("Window/Nijigan/Stylize")]
        public static void Open()
        {
            GetWindow<StylizeWindow>("Stylize");
        }

        /// <summary>Shows the window, from the context menu of assets.</summary>
        [MenuItem("Assets/Stylize with Nijigan...")]
        public static void OpenForAssets()
        {
            Open();
        }

        private void OnEnable()
        {
            watch = EditorSidecar.instance.Watch;
            panel = new SidecarPanel(watch);
            previews = new PreviewTextures(watch);
            picker = new StylePicker(watch, previews);
            watch.Changed += Repaint;
            Selection.selectionChanged += Repaint;
            _ = watch.LookAsync();
        }

        private void OnDisable()
        {
            work?.Cancel();
            watch.Changed -= Repaint;
            Selection.selectionChanged -= Repaint;
            previews.Dispose();
        }

        private void OnGUI()
        {
            scroll = EditorGUILayout.BeginScrollView(scroll);
            panel.Draw();
            picker.Draw();
            EditorGUILayout.Space();
            using (new EditorGUI.DisabledScope(work != null))
            {
                DrawTextures();
                EditorGUILayout.Space();
                DrawCamera();
            }
            EditorGUILayout.Space();
            DrawWork();
            EditorGUILayout.EndScrollView();
        }

        private void DrawTextures()
        {
            IReadOnlyList<MaterialTexture> places = MaterialTexture.In(Selection.objects);
            List<Texture2D> textures = Selection.objects.OfType<Texture2D>()
                .Concat(places.Select(place => place.Texture)).Distinct().ToList();
            EditorGUILayout.LabelField("Textures", EditorStyles.boldLabel);
            EditorGUILayout.LabelField(
                textures.Count == 0 ? "Select textures, materials or objects." : $"{textures.Count} selected",
                EditorStyles.wordWrappedLabel);
            using (new EditorGUI.DisabledScope(places.Count == 0))
            {
                useInMaterials = EditorGUILayout.Toggle("Use in Materials", useInMaterials);
            }
            using (new EditorGUI.DisabledScope(textures.Count == 0))
            {
                if (GUILayout.Button("Stylize Textures"))
                    Begin(cancel => DrawTexturesAsync(textures, useInMaterials ? places : null, cancel));
            }
        }

        private void DrawCamera()
        {
            Camera[] cameras = Camera.allCameras;
            EditorGUILayout.LabelField("Camera", EditorStyles.boldLabel);
            cameraIndex = EditorGUILayout.Popup("View of", cameraIndex, cameras.Select(each => each.name).ToArray());
            widthPx = EditorGUILayout.IntField("Width", widthPx);
            heightPx = EditorGUILayout.IntField("Height", heightPx);
            using (new EditorGUI.DisabledScope(cameraIndex < 0 || cameraIndex >= cameras.Length))
            {
                if (GUILayout.Button("Stylize View")) Begin(cancel => DrawViewAsync(cameras[cameraIndex], cancel));
            }
        }

        private void DrawWork()
        {
            if (work != null)
            {
                EditorGUILayout.LabelField("Drawn", $"{fraction * 100f:0} %");
                if (GUILayout.Button("Cancel")) work.Cancel();
            }
            if (trouble.Length > 0) EditorGUILayout.HelpBox(trouble, MessageType.Error);
            foreach (BatchItem item in items)
            {
                if (item.Error != null) EditorGUILayout.HelpBox($"{item.SourcePath}: {item.Error}", MessageType.Warning);
                else if (GUILayout.Button(item.DrawingPath))
                    EditorGUIUtility.PingObject(AssetDatabase.LoadAssetAtPath<Texture2D>(item.DrawingPath));
            }
        }

        private async void Begin(Func<CancellationToken, Task> step)
        {
            trouble = "";
            items = new BatchItem[0];
            fraction = 0f;
            work = new CancellationTokenSource();
            try
            {
                await step(work.Token);
            }
            catch (OperationCanceledException)
            {
                // Whoever pressed Cancel knows.
            }
            catch (Exception error)
            {
                trouble = error.Message;
                watch.Keep(error);
                if (!(error is StylizerException)) Debug.LogException(error);
                if (error is SidecarNotRunningException) _ = watch.LookAsync();
            }
            finally
            {
                work = null;
                Repaint();
            }
        }

        private async Task DrawTexturesAsync(
            IReadOnlyList<Texture2D> textures, IReadOnlyList<MaterialTexture> places, CancellationToken cancel)
        {
            var batch = new TextureBatch(watch.Stylizer, NijiganSettings.instance.ToStylizeSettings());
            batch.Progressed += each =>
            {
                fraction = each;
                Repaint();
            };
            items = await batch.DrawAsync(textures, cancel);
            if (places == null) return;
            var drawings = new Dictionary<Texture2D, Texture2D>();
            for (int i = 0; i < items.Count; i++)
            {
                if (items[i].DrawingPath == null) continue;
                var drawing = AssetDatabase.LoadAssetAtPath<Texture2D>(items[i].DrawingPath);
                if (drawing != null) drawings[textures[i]] = drawing;
            }
            MaterialTexture.Replace(places, drawings);
        }

        private async Task DrawViewAsync(Camera camera, CancellationToken cancel)
        {
            StylizeSettings settings = NijiganSettings.instance.ToStylizeSettings();
            string name = string.Join("_", camera.name.Split(Path.GetInvalidFileNameChars()));
            using (var reader = new TextureReader())
            {
                Picture view = CameraShot.Take(camera, widthPx, heightPx, reader);
                var progress = new Progress<StylizeProgress>(each =>
                {
                    fraction = each.Fraction;
                    Repaint();
                });
                Picture drawing = await watch.Stylizer.StylizeAsync(view, settings, progress, cancel);
                cancel.ThrowIfCancellationRequested();
                string path = DrawingAsset.Write(drawing, $"Assets/{name} {settings.Style}.png");
                items = new[] { new BatchItem(camera.name, path, null) };
            }
        }
    }
}
