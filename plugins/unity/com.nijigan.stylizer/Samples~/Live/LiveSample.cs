using Nijigan;
using UnityEngine;

namespace Nijigan.Samples
{
    /// <summary>
    /// Draws what a camera of the computer sees while it moves, by a sidecar or in the engine. Open the
    /// scene Live, or add this to an object of yours, and press Play.
    /// </summary>
    public sealed class LiveSample : MonoBehaviour
    {
        private const int WidthPx = 640;
        private const int HeightPx = 360;
        private const int FramesPerSecond = 30;

        [SerializeField, Tooltip("How to draw, and where the sidecar is; none: the style cel, by this user's sidecar.")]
        private StylizerProfile profile = null;

        [SerializeField, Tooltip("One within a style that `nijigan export --to unity` wrote; to draw without a sidecar.")]
        private StyleNetwork network = null;

        private LiveStylizer live;
        private WebCamTexture webcam;
        private string trouble = "";

#if NIJIGAN_INFERENCE_ENGINE
        private InferenceEngineStylizer engine;
        private RenderTexture drawnInEngine;
        private bool inEngine;
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
            if (network != null) OpenEngine();
        }

        // Where it cannot draw, it is said why, and the sidecar draws.
        private void OpenEngine()
        {
#if NIJIGAN_INFERENCE_ENGINE
            try
            {
                engine = new InferenceEngineStylizer(network);
            }
            catch (StylizerException error)
            {
                trouble = error.Message;
            }
#else
            trouble = "To draw in the engine, install the package com.unity.ai.inference 2.2 or newer (Unity 6).";
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
            inEngine = false;
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
            Texture drawing = live.Output; // upright already
            var turn = default(CameraTurn);
#if NIJIGAN_INFERENCE_ENGINE
            if (engine != null) inEngine = GUILayout.Toggle(inEngine, "Draw in the engine, without a sidecar");
            if (inEngine)
            {
                drawing = drawnInEngine;
                turn = CameraTurn.Of(webcam);
            }
#endif
            if (drawing != null)
                turn.Draw(GUILayoutUtility.GetAspectRect(turn.AspectOf(drawing)), drawing);
            GUILayout.Label($"{live.DrawnFrames} drawn, {live.DroppedFrames} dropped");
            if (trouble.Length == 0) return;
            GUILayout.Label(trouble);
            if (live.enabled || !GUILayout.Button("Try Again")) return;
            trouble = "";
            live.enabled = true;
        }
    }
}
