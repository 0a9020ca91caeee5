using System;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// Draws textures in a style.
    /// </summary>
    /// <remarks>
    /// <see cref="Stylize"/> tells what came of it by the events; <c>StylizeAsync</c> by its
    /// Task. Both go on on the main thread. What is under way when the component is disabled or
    /// destroyed is cancelled: no event comes, and a Task is cancelled.
    /// </remarks>
    [AddComponentMenu("Nijigan/Stylizer")]
    public sealed class Stylizer : MonoBehaviour
    {
        [SerializeField, Tooltip("How to draw, and where the sidecar is; none: the style cel, by this user's sidecar.")]
        private StylizerProfile profile = null;

        private IPictureStylizer drawer;
        private bool ownsDrawer;
        private CancellationTokenSource lifetime;
        private int underWay;

        /// <summary>Told how far a drawing is.</summary>
        public event Action<StylizeProgress> Progressed;

        /// <summary>Told the drawing that <see cref="Stylize"/> began.</summary>
        public event Action<Texture2D> Drawn;

        /// <summary>Told why there is no drawing: Fact is what is the case, Remedy what to do.
        /// Where nobody listens, it is logged.</summary>
        public event Action<StylizerException> Failed;

        /// <summary>How to draw, and where the sidecar is. Null: the style cel, by this user's sidecar.</summary>
        public StylizerProfile Profile
        {
            get => profile;
            set
            {
                profile = value;
                if (ownsDrawer) DiscardDrawer();
            }
        }

        /// <summary>What draws. Null: a sidecar, as the profile says. One that is set stays yours to
        /// dispose.</summary>
        public IPictureStylizer Drawer
        {
            get => drawer;
            set
            {
                DiscardDrawer();
                drawer = value;
            }
        }

        /// <summary>Whether something is being drawn.</summary>
        public bool IsDrawing => underWay > 0;

        /// <summary>Draws a texture as the profile says, and tells the events.</summary>
        /// <param name="source">A Texture2D, RenderTexture or WebCamTexture.</param>
        /// <param name="into">A texture to draw into, which gets the source's size; null: a new one,
        /// which is yours to destroy.</param>
        public async void Stylize(Texture source, Texture2D into = null)
        {
            try
            {
                Texture2D drawing = await StylizeAsync(source, into);
                Drawn?.Invoke(drawing);
            }
            catch (OperationCanceledException)
            {
                // Whoever cancelled, or destroyed this, knows.
            }
            catch (StylizerException error)
            {
                if (Failed != null) Failed(error);
                else Debug.LogException(error, this);
            }
            catch (Exception error)
            {
                Debug.LogException(error, this);
            }
        }

        /// <summary>Draws a texture as the profile says. Call it on the main thread.</summary>
        /// <param name="source">A Texture2D, RenderTexture or WebCamTexture.</param>
        /// <param name="into">A texture to draw into, which gets the source's size; null: a new one,
        /// which is yours to destroy.</param>
        /// <param name="cancel">Ends it; the texture is as it was.</param>
        /// <returns>The drawing.</returns>
        /// <exception cref="StylizerException">It could not be drawn.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled, or this was disabled or
        /// destroyed, or the texture to draw into was.</exception>
        public Task<Texture2D> StylizeAsync(
            Texture source, Texture2D into = null, CancellationToken cancel = default(CancellationToken))
        {
            return StylizeAsync(source, ToStylizeSettings(), into, cancel);
        }

        /// <summary>Draws a texture. Call it on the main thread.</summary>
        /// <param name="source">A Texture2D, RenderTexture or WebCamTexture.</param>
        /// <param name="settings">How to draw it; of the whole picture, as RGBA8.</param>
        /// <param name="into">A texture to draw into, which gets the source's size; null: a new one,
        /// which is yours to destroy.</param>
        /// <param name="cancel">Ends it; the texture is as it was.</param>
        /// <returns>The drawing.</returns>
        /// <exception cref="StylizerException">It could not be drawn.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled, or this was disabled or
        /// destroyed, or the texture to draw into was.</exception>
        public async Task<Texture2D> StylizeAsync(
            Texture source,
            StylizeSettings settings,
            Texture2D into = null,
            CancellationToken cancel = default(CancellationToken))
        {
            if (lifetime == null) throw new OperationCanceledException("The component is not enabled.");
            IPictureStylizer stylizer = Opened();
            bool inPlace = into != null;
            using (CancellationTokenSource ending =
                CancellationTokenSource.CreateLinkedTokenSource(lifetime.Token, cancel))
            using (var reader = new TextureReader())
            {
                underWay++;
                try
                {
                    Picture picture = await reader.ReadAsync(source, ending.Token);
                    var progress = new Progress<StylizeProgress>(each => Tell(each, ending));
                    Picture drawing = await stylizer.StylizeAsync(picture, settings, progress, ending.Token);
                    ending.Token.ThrowIfCancellationRequested();
                    if (inPlace && into == null)
                        throw new OperationCanceledException("The texture to draw into was destroyed.");
                    return TextureWriter.Write(drawing, into);
                }
                finally
                {
                    underWay--;
                }
            }
        }

        /// <summary>Cancels all that is being drawn.</summary>
        public void Cancel()
        {
            if (lifetime == null) return;
            lifetime.Cancel();
            lifetime = new CancellationTokenSource();
        }

        private void OnEnable()
        {
            lifetime = new CancellationTokenSource();
        }

        private void OnDisable()
        {
            lifetime.Cancel();
            lifetime = null;
            if (ownsDrawer) DiscardDrawer();
        }

        private StylizeSettings ToStylizeSettings()
        {
            return profile != null ? profile.ToStylizeSettings() : new StylizeSettings("cel");
        }

        private IPictureStylizer Opened()
        {
            if (drawer != null) return drawer;
            drawer = new SidecarStylizer(profile != null ? profile.ToClientOptions() : null);
            ownsDrawer = true;
            return drawer;
        }

        private void DiscardDrawer()
        {
            if (ownsDrawer) drawer.Dispose();
            drawer = null;
            ownsDrawer = false;
        }

        private void Tell(StylizeProgress progress, CancellationTokenSource ending)
        {
            if (!ending.IsCancellationRequested) Progressed?.Invoke(progress);
        }
    }
}
