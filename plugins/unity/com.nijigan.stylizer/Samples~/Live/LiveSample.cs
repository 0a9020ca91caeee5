using Nijigan;
using UnityEngine;
#if NIJIGAN_INFERENCE_ENGINE
using Unity.InferenceEngine;
#endif

namespace Nijigan.Samples
{
    /// <summary>
    /// Draws what a camera of the computer sees while it moves, by a sidecar or in the engine. Add it to
    /// an empty object (or GameObject › Nijigan › Live Sample) and press Play.
    /// </summary>
    public sealed class LiveSample : MonoBehaviour
    {
        private const int WidthPx = 640;
        private const int HeightPx = 360;
        private const int FramesPerSecond = 30;

        [SerializeField, Tooltip("How to draw, and where the sidecar is; none: the style cel, by this user's sidecar.")]
        private StylizerProfile profile = null;

        private LiveStylizer live;
        private WebCamTexture webcam;
        private string trouble = "";

#if NIJIGAN_INFERENCE_ENGINE
        [SerializeField, Tooltip("A model that `nijigan export --to unity` wrote; for drawing without a sidecar.")]
        private ModelAsset model = null;

        private InferenceEngineStylizer engine;
        private RenderTexture drawnInEngine;
        private bool inEngine;
#endif

#if UNITY_EDITOR
        [UnityEditor.MenuItem("GameObject/Nijigan/Live Sample")]
        private static void Add()
        {
            new GameObject("Live Sample").AddComponent<LiveSample>();
        }
#endif

        private void OnEnable()
        {
            trouble = "";
            live = gameObject.AddComponent<LiveStylizer>();
            live.Profile = profile;
            live.Failed += error => trouble = error.Message;
            if (WebCamTexture.devices.Length == 0)
            {
                trouble = "No camera was found. Plug one in.";
                return;
            }
            webcam = new WebCamTexture(WebCamTexture.devices[0].name, WidthPx, HeightPx, FramesPerSecond);
            webcam.Play();
            live.Source = webcam;
#if NIJIGAN_INFERENCE_ENGINE
            if (model != null) engine = new InferenceEngineStylizer(model);
#endif
        }

        private void OnDisable()
        {
            Destroy(live);
            if (webcam != null)
            {
                webcam.Stop();
                Destroy(webcam);
            }
#if NIJIGAN_INFERENCE_ENGINE
            engine?.Dispose();
            engine = null;
            if (drawnInEngine != null) RenderTexture.ReleaseTemporary(drawnInEngine);
            drawnInEngine = null;
#endif
        }

        private void Update()
        {
#if NIJIGAN_INFERENCE_ENGINE
            live.Source = inEngine ? null : webcam;
            if (!inEngine || webcam == null || !webcam.didUpdateThisFrame) return;
            if (drawnInEngine == null)
                drawnInEngine = RenderTexture.GetTemporary(
                    webcam.width, webcam.height, 0, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
            engine.Draw(webcam, drawnInEngine, profile != null ? profile.Strength : 1f);
#endif
        }

        private void OnGUI()
        {
            Texture drawing = live.Output;
#if NIJIGAN_INFERENCE_ENGINE
            if (engine != null) inEngine = GUILayout.Toggle(inEngine, "Draw in the engine, without a sidecar");
            if (inEngine) drawing = drawnInEngine;
#endif
            if (drawing != null)
            {
                Rect place = GUILayoutUtility.GetAspectRect((float)drawing.width / drawing.height);
                GUI.DrawTexture(place, drawing, ScaleMode.ScaleToFit);
            }
            GUILayout.Label($"{live.DrawnFrames} drawn, {live.DroppedFrames} dropped");
            if (trouble.Length == 0) return;
            GUILayout.Label(trouble);
            if (live.enabled || !GUILayout.Button("Try Again")) return;
            trouble = "";
            live.enabled = true;
        }
    }
}
