using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Nijigan;
using UnityEditor;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>
    /// Draws texture assets one after the other, each into a new asset beside it. Progress and Cancel
    /// are in the Editor's window of background tasks.
    /// </summary>
    public sealed class TextureBatch
    {
        private readonly IPictureStylizer stylizer;
        private readonly StylizeSettings settings;

        /// <summary>Makes one.</summary>
        /// <param name="stylizer">What draws.</param>
        /// <param name="settings">How to draw all of them.</param>
        public TextureBatch(IPictureStylizer stylizer, StylizeSettings settings)
        {
            this.stylizer = stylizer;
            this.settings = settings;
        }

        /// <summary>Told how far it is: 0 to 1.</summary>
        public event Action<float> Progressed;

        /// <summary>Draws them. Call it on the main thread.</summary>
        /// <param name="textures">Texture assets.</param>
        /// <param name="cancel">Ends it; what is drawn already stays.</param>
        /// <returns>What became of each, in order; of those that were not begun, nothing.</returns>
        /// <exception cref="SidecarNotRunningException">The sidecar is not there, or went away.</exception>
        public async Task<IReadOnlyList<BatchItem>> DrawAsync(
            IReadOnlyList<Texture2D> textures, CancellationToken cancel = default(CancellationToken))
        {
            var items = new List<BatchItem>();
            int task = UnityEditor.Progress.Start($"Draw textures in {settings.Style}");
            using (CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancel))
            {
                UnityEditor.Progress.RegisterCancelCallback(task, () =>
                {
                    ending.Cancel();
                    return true;
                });
                var outcome = UnityEditor.Progress.Status.Failed;
                try
                {
                    foreach (Texture2D texture in textures)
                        items.Add(await DrawAsync(texture, items.Count, textures.Count, task, ending.Token));
                    outcome = items.Exists(each => each.Error != null)
                        ? UnityEditor.Progress.Status.Failed : UnityEditor.Progress.Status.Succeeded;
                }
                catch (OperationCanceledException)
                {
                    outcome = UnityEditor.Progress.Status.Canceled;
                }
                finally
                {
                    UnityEditor.Progress.Finish(task, outcome);
                }
            }
            return items;
        }

        private async Task<BatchItem> DrawAsync(
            Texture2D texture, int done, int count, int task, CancellationToken cancel)
        {
            string path = AssetDatabase.GetAssetPath(texture);
            string name = path.Length > 0 ? path : texture.name;
            try
            {
                using (var reader = new TextureReader())
                {
                    Picture picture = SourcePicture.Read(texture, reader);
                    var progress = new Progress<StylizeProgress>(
                        each => Report(task, name, (done + each.Fraction) / count, cancel));
                    Picture drawing = await stylizer.StylizeAsync(picture, settings, progress, cancel);
                    cancel.ThrowIfCancellationRequested();
                    return new BatchItem(name, DrawingAsset.WriteBeside(drawing, path, settings.Style), null);
                }
            }
            catch (SidecarNotRunningException)
            {
                throw;
            }
            catch (StylizerException error)
            {
                return new BatchItem(name, null, error.Message);
            }
            catch (IOException error)
            {
                return new BatchItem(name, null, error.Message);
            }
        }

        private void Report(int task, string name, float fraction, CancellationToken cancel)
        {
            if (cancel.IsCancellationRequested) return;
            UnityEditor.Progress.Report(task, fraction, name);
            Progressed?.Invoke(fraction);
        }
    }
}
