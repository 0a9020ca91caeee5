using System;
using System.IO;
using System.Threading;
using Nijigan;
using UnityEngine;

namespace Nijigan.Samples
{
    /// <summary>
    /// From a photo of a player to an avatar. Open the scene Avatar, or add this to an object of yours,
    /// and press Play; all it shows is drawn by code.
    /// </summary>
    public sealed class AvatarSample : MonoBehaviour
    {
        [SerializeField, Tooltip("Where the sidecar is; none: the one that this user runs.")]
        private StylizerProfile profile = null;

        [SerializeField, Tooltip("One to four styles; of one, four strengths are drawn.")]
        private string[] styles = { "cel" };

        [SerializeField, Tooltip("Whether what is behind the person is made transparent.")]
        private bool transparent = false;

        [SerializeField, Tooltip("One within a style that `nijigan export --to unity` wrote; to draw without a sidecar.")]
        private StyleNetwork network = null;

        private SidecarStylizer sidecar;
        private IPictureStylizer engine;
        private AvatarFlow flow;
        private AvatarCamera webcam;
        private AvatarGallery gallery;
        private CancellationTokenSource starting;
        private string path = "";
        private string playerName = "player";
        private string note = "";
        private bool inEngine;

        /// <summary>Told the avatar that a player kept. The texture and the sprite are yours then.</summary>
        public event Action<Texture2D, Sprite> Kept;

        /// <summary>How far the player is.</summary>
        public AvatarState State => flow?.State ?? AvatarState.WaitsForPhoto;

        private void OnEnable()
        {
            note = "";
            sidecar = OpenSidecar();
            if (network != null) engine = OpenEngine();
            inEngine = sidecar == null;
            webcam = new AvatarCamera();
            gallery = new AvatarGallery();
            if (sidecar != null || engine != null) Begin();
        }

        private void OnDisable()
        {
            starting?.Cancel();
            flow?.Dispose();
            flow = null;
            webcam.Dispose();
            gallery.Dispose();
            engine?.Dispose();
            engine = null;
            sidecar?.Dispose();
            sidecar = null;
        }

        // Where there can be none, as in WebGL or at an address that is none, it is said why.
        private SidecarStylizer OpenSidecar()
        {
            try
            {
                return new SidecarStylizer(profile != null ? profile.ToClientOptions() : null);
            }
            catch (StylizerException error)
            {
                note = error.Message;
                return null;
            }
        }

        // Where it cannot draw, it is said why, and the sidecar draws.
        private IPictureStylizer OpenEngine()
        {
#if NIJIGAN_INFERENCE_ENGINE
            try
            {
                return new InferenceEngineStylizer(network);
            }
            catch (StylizerException error)
            {
                note = error.Message;
                return null;
            }
#else
            note = "To draw in the engine, install the package com.unity.ai.inference 2.2 or newer (Unity 6).";
            return null;
#endif
        }

        // The flow with a sidecar checks faces; the one in the engine takes the middle of the photo.
        private void Begin()
        {
            flow?.Dispose();
            IFaceFramer framer = inEngine ? new MiddleFramer() : (IFaceFramer)sidecar;
            IPictureStylizer drawer = inEngine ? engine : sidecar;
            string[] names = inEngine ? new[] { network.Style.StyleName } : styles;
            flow = new AvatarFlow(
                framer, drawer, AvatarVariant.Of(names), new AvatarOptions(transparent: transparent));
            gallery.Show(flow);
        }

        private void OnGUI()
        {
            float margin = Screen.height / 20f;
            GUILayout.BeginArea(new Rect(margin, margin, Screen.width - 2 * margin, Screen.height - 2 * margin));
            if (flow != null) ShowFlow();
            if (note.Length > 0) GUILayout.Label(note);
            GUILayout.EndArea();
        }

        private void ShowFlow()
        {
            switch (flow.State)
            {
                case AvatarState.WaitsForPhoto:
                    ShowPhoto();
                    break;
                case AvatarState.Framing:
                    GUILayout.Label("Looking for the face");
                    if (GUILayout.Button("Cancel")) flow.StartOver();
                    break;
                case AvatarState.Refused:
                    ShowRefusal(flow.Refusal);
                    break;
                case AvatarState.Drawing:
                    GUILayout.Label($"Drawing: {flow.Progress * 100f:0} %");
                    gallery.Draw();
                    if (GUILayout.Button("Cancel")) flow.StartOver();
                    break;
                case AvatarState.Choosing:
                    ShowChoice();
                    break;
                case AvatarState.Chosen:
                    ShowChosen();
                    break;
                case AvatarState.Failed:
                    ShowError(flow.Error);
                    break;
            }
        }

        private void ShowPhoto()
        {
            GUILayout.Label("Take a photo of your face, from the front.");
            webcam.Draw();
            if (webcam.IsOpen)
            {
                if (webcam.HasPicture && GUILayout.Button("Take Photo")) Take(webcam.Take());
                if (GUILayout.Button("Close Camera")) webcam.Close();
            }
            else if (GUILayout.Button("Open Camera"))
            {
                webcam.Open();
            }
            GUILayout.Label("Or a file (JPEG or PNG):");
            path = GUILayout.TextField(path);
#if UNITY_EDITOR
            if (GUILayout.Button("Choose File"))
                path = UnityEditor.EditorUtility.OpenFilePanelWithFilters(
                    "Photo", "", new[] { "Photos", "jpg,jpeg,png" });
#endif
            if (GUILayout.Button("Use File")) TakeFile();
            if (engine == null || sidecar == null) return;
            bool wanted = GUILayout.Toggle(inEngine, "Draw in the engine, without a sidecar (no face is looked for)");
            if (wanted == inEngine) return;
            inEngine = wanted;
            Begin();
        }

        private void ShowRefusal(AvatarRefusal refusal)
        {
            GUILayout.Label(refusal.Fact);
            GUILayout.Label(refusal.Remedy);
            for (int face = 1; face <= refusal.Faces.Count; face++)
            {
                if (GUILayout.Button($"Face {face} from the left")) _ = flow.ChooseFaceAsync(face);
            }
            if (GUILayout.Button("Take It Anyway")) _ = flow.TakeAnywayAsync();
            if (GUILayout.Button("Another Photo")) flow.StartOver();
        }

        private void ShowChoice()
        {
            GUILayout.Label("Which one?");
            int chosen = gallery.Draw();
            if (chosen >= 0) flow.Choose(chosen);
            if (GUILayout.Button("Another Photo")) flow.StartOver();
        }

        private void ShowChosen()
        {
            GUILayout.Label(gallery.TextureOf(flow.Choice));
            playerName = GUILayout.TextField(playerName);
            if (GUILayout.Button("Keep")) Keep();
            int other = gallery.Draw();
            if (other >= 0) flow.Choose(other);
            if (GUILayout.Button("Another Photo")) flow.StartOver();
        }

        private void ShowError(StylizerException error)
        {
            GUILayout.Label(error.Fact);
            GUILayout.Label(error.Remedy);
            if (error is SidecarNotRunningException && starting == null && GUILayout.Button("Start Sidecar")) StartSidecar();
            if (starting != null) GUILayout.Label("The sidecar is starting");
            if (GUILayout.Button("Try Again")) _ = flow.RetryAsync();
            if (GUILayout.Button("Another Photo")) flow.StartOver();
        }

        private void Take(Picture photo)
        {
            note = "";
            webcam.Close();
            _ = flow.TakeAsync(photo);
        }

        private void TakeFile()
        {
            try
            {
                Take(PhotoFile.Read(path, asPixels: inEngine));
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException
                || error is ArgumentException)
            {
                note = error.Message;
            }
        }

        private async void StartSidecar()
        {
            starting = new CancellationTokenSource();
            try
            {
                using (await Sidecar.StartAsync(profile != null ? profile.Command : null, starting.Token))
                    await flow.RetryAsync();
            }
            catch (OperationCanceledException)
            {
                // The sample is gone.
            }
            catch (StylizerException error)
            {
                note = error.Message;
            }
            finally
            {
                starting = null;
            }
        }

        private void Keep()
        {
            Texture2D avatar = TextureWriter.Write(flow.Drawings[flow.Choice]);
            avatar.name = playerName;
            string file = AvatarFile.PathOf(playerName);
            try
            {
                PngFile.Save(avatar, file);
                note = "Kept in " + file;
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                note = error.Message;
            }
            if (Kept != null) Kept(avatar, AvatarFile.ToSprite(avatar));
            else Destroy(avatar);
        }
    }
}
