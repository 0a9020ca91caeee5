using System;
using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// Draws a texture again and again while it changes: a camera of the computer, or what a camera of
    /// the game renders into.
    /// </summary>
    /// <remarks>
    /// One picture is drawn at a time, and then the newest one: what comes meanwhile is dropped, so
    /// that the drawing lags by one picture and no queue grows. While sizes stay, no frame allocates
    /// anything. Where no picture comes for minutes, the sidecar ends the call; the next picture begins
    /// another one. A picture that is not drawn within 60 s is a failure. After one the component
    /// disables itself; enable it to try again.
    /// </remarks>
    [AddComponentMenu("Nijigan/Live Stylizer")]
    public sealed class LiveStylizer : MonoBehaviour
    {
        [SerializeField, Tooltip("How to draw, and where the sidecar is; none: the style cel, by this user's sidecar.")]
        private StylizerProfile profile = null;

        [SerializeField, Tooltip("What to draw: a render texture; cameras of the computer are set by a script.")]
        private Texture source = null;

        private SidecarStylizer sidecar;
        private LiveDrawing drawing;
        private TextureReader reader;
        private Texture2D output;
        private bool hasRead;
        private string toldReason;
        private string drawnStyle;
        private float drawnStrength;
        private Quality drawnQuality;
        private int drawnShortSidePx;

        /// <summary>Told that <see cref="Output"/> is a new drawing.</summary>
        public event Action<Texture2D> FrameDrawn;

        /// <summary>Told why there is no drawing: Fact is what is the case, Remedy what to do.
        /// Where nobody listens, it is logged.</summary>
        public event Action<StylizerException> Failed;

        /// <summary>How to draw; changes of it are seen at once. Where the sidecar is, is seen at the
        /// first picture after the component was enabled.</summary>
        public StylizerProfile Profile
        {
            get => profile;
            set => profile = value;
        }

        /// <summary>What to draw: a RenderTexture, a WebCamTexture that plays, or a Texture2D.</summary>
        public Texture Source
        {
            get => source;
            set => source = value;
        }

        /// <summary>The newest drawing; null before the first. It is written to again and again, and
        /// destroyed with the component.</summary>
        public Texture2D Output => output;

        /// <summary>How many pictures were drawn.</summary>
        public int DrawnFrames { get; private set; }

        /// <summary>How many pictures came while none could be taken, and were dropped.</summary>
        public int DroppedFrames { get; private set; }

        private void OnEnable()
        {
            reader = new TextureReader();
            hasRead = false;
            toldReason = null;
        }

        private void OnDisable()
        {
            drawing?.Dispose();
            drawing = null;
            sidecar?.Dispose();
            sidecar = null;
            reader.Dispose();
        }

        private void OnDestroy()
        {
            if (output != null) Made.Discard(output);
        }

        private void Update()
        {
            int drawnBefore = DrawnFrames;
            try
            {
                TakeDrawing();
                SendWhatWasRead();
                ReadNewest();
            }
            catch (StylizerException error)
            {
                Report(error);
            }
            catch (Exception error) // else it would be thrown again at every frame, and nobody told
            {
                Fail(new StylizerException(error.Message, "Enable the component to try again.", StatusCode.Internal, inner: error));
            }
            // Out here, as what a listener throws is no failure to draw.
            if (DrawnFrames > drawnBefore) FrameDrawn?.Invoke(output);
        }

        // A stream has one way to draw: where that changes, another one begins. So it does where the
        // sidecar has ended the one before while there was nothing to draw; but not before there is
        // something, else that one would be ended too.
        private void Begin()
        {
            if (drawing != null && IsAsProfileSays() && !drawing.HasEndedIdle) return;
            // Not in OnEnable: a component that a script adds is enabled before it has a profile.
            if (sidecar == null) sidecar = new SidecarStylizer(profile != null ? profile.ToClientOptions() : null);
            drawing?.Dispose();
            StylizeSettings settings = profile != null ? profile.ToStylizeSettings() : new StylizeSettings("cel");
            drawing = new LiveDrawing(sidecar.Client, settings);
            drawnStyle = settings.Style;
            drawnStrength = settings.Strength;
            drawnQuality = settings.Quality;
            drawnShortSidePx = profile != null ? profile.ShortSidePx : 0;
        }

        private bool IsAsProfileSays()
        {
            return profile == null
                || (profile.Style == drawnStyle && profile.Strength == drawnStrength
                    && profile.Quality == drawnQuality && profile.ShortSidePx == drawnShortSidePx);
        }

        private void TakeDrawing()
        {
            if (drawing == null || !drawing.TryTake(out Picture picture)) return;
            output = TextureWriter.Write(picture, output);
            DrawnFrames++;
            toldReason = null;
        }

        private void SendWhatWasRead()
        {
            if (!hasRead || reader.IsReading || !drawing.IsIdle) return;
            hasRead = false;
            drawing.Send(reader.Take());
        }

        // What was read and not sent yet is kept until it is; its array is in use until it is drawn.
        private void ReadNewest()
        {
            if (!HasNewPicture()) return;
            Begin();
            if (hasRead || !drawing.IsIdle)
            {
                DroppedFrames++;
                return;
            }
            reader.Begin(source);
            hasRead = true;
            SendWhatWasRead();
        }

        private bool HasNewPicture()
        {
            if (source == null) return false;
            var camera = source as WebCamTexture;
            return camera == null || camera.didUpdateThisFrame;
        }

        private void Report(StylizerException error)
        {
            if (drawing == null || drawing.HasEnded) Fail(error);
            else Tell(error);
        }

        private void Fail(StylizerException error)
        {
            enabled = false;
            Tell(error);
        }

        // What fails at every picture is told once, until one is drawn.
        private void Tell(StylizerException error)
        {
            if (error.Reason == toldReason && enabled) return;
            toldReason = error.Reason;
            if (Failed != null) Failed(error);
            else Debug.LogException(error, this);
        }
    }
}
