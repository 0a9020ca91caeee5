using System;
using System.IO;
using System.Threading;
using Nijigan;
using UnityEngine;
#if NIJIGAN_INFERENCE_ENGINE
using Unity.InferenceEngine;
#endif

namespace Nijigan.Samples
{
    /// <summary>
    /// From a photo of a player to an avatar. Add it to an empty object (or GameObject › Nijigan ›
    /// Avatar Sample) and press Play; all it shows is drawn by code.
    /// </summary>
    public sealed class AvatarSample : MonoBehaviour
    {
        [SerializeField, Tooltip("Where the sidecar is; none: the one that this user runs.")]
        private StylizerProfile profile = null;

        [SerializeField, Tooltip("One to four styles; of one, four strengths are drawn.")]
        private string[] styles = { "cel" };

        [SerializeField, Tooltip("Whether what is behind the person is made transparent.")]
        private bool transparent = false;

#if NIJIGAN_INFERENCE_ENGINE
        [SerializeField, Tooltip("A model that `nijigan export --to unity` wrote; for drawing without a sidecar.")]
        private ModelAsset model = null;
#endif

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
        public AvatarState State => flow.State;

#if UNITY_EDITOR
        [UnityEditor.MenuItem("GameObject/Nijigan/Avatar Sample")]
        private static void Add()
        {
            new GameObject("Avatar Sample").AddComponent<AvatarSample>();
        }
#endif

        private void OnEnable()
        {
            sidecar = new SidecarStylizer(profile != null ? profile.ToClientOptions() : null);
#if NIJIGAN_INFERENCE_ENGINE
            if (model != null) engine = new InferenceEngineStylizer(model);
#endif
            webcam = new AvatarCamera();
            gallery = new AvatarGallery();
            Begin();
        }

        private void OnDisable()
        {
            starting?.Cancel();
            flow.Dispose();
            webcam.Dispose();
            gallery.Dispose();
            engine?.Dispose();
            engine = null;
            sidecar.Dispose();
        }

        // The flow with a sidecar checks faces; the one in the engine takes the middle of the photo.
        private void Begin()
        {
            flow?.Dispose();
            IFaceFramer framer = inEngine ? new MiddleFramer() : (IFaceFramer)sidecar;
            IPictureStylizer drawer = inEngine ? engine : sidecar;
            flow = new AvatarFlow(
                framer, drawer, AvatarVariant.Of(styles), new AvatarOptions(transparent: transparent));
            gallery.Show(flow);
        }

        private void OnGUI()
        {
            float margin = Screen.height / 20f;
            GUILayout.BeginArea(new Rect(margin, margin, Screen.width - 2 * margin, Screen.height - 2 * margin));
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
            if (note.Length > 0) GUILayout.Label(note);
            GUILayout.EndArea();
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
            if (engine == null) return;
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
