using System;
using System.Threading;
using System.Threading.Tasks;
using Unity.InferenceEngine;
using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// Draws by a style's network in Unity's inference engine (the package com.unity.ai.inference), so
    /// that a game needs no sidecar. `nijigan export cel --to unity -o Assets/Cel` writes the style,
    /// with a network for each quality.
    /// </summary>
    /// <remarks>
    /// Use it on the main thread. A model draws one style in one quality: those of the settings are not
    /// looked at, nor are scale, region and priority. Pictures are drawn at their own size; lines suit
    /// the size that the style's model card names.
    /// </remarks>
    public sealed class InferenceEngineStylizer : IPictureStylizer
    {
        private readonly SemaphoreSlim turn = new SemaphoreSlim(1, 1);
        private readonly int sideMultiple;
        private readonly int fixedSizePx;
        private readonly Worker worker;
        private readonly float[] strengthOfDial = new float[1];
        private Tensor<float> image;
        private Tensor<float> dial;
        private RenderTexture encoded;

        /// <summary>Makes one that draws with a network of a style in the project.</summary>
        /// <param name="network">The network; it has a style and a quality.</param>
        /// <param name="backend">Where it runs.</param>
        /// <exception cref="StylizerException">The inference engine has not imported its file.</exception>
        public InferenceEngineStylizer(StyleNetwork network, BackendType backend = BackendType.GPUCompute)
            : this(ModelOf(network), backend, SideMultipleOf(network.Style))
        {
            fixedSizePx = network.Style.FixedSizePx;
        }

        /// <summary>Makes one that draws with a model asset.</summary>
        /// <param name="model">One that `nijigan export --to unity` wrote.</param>
        /// <param name="backend">Where it runs.</param>
        /// <param name="sideMultiple">What sides have to be multiples of, as the README beside the
        /// model says; pictures of other sizes are mirrored at the edge, and cut.</param>
        public InferenceEngineStylizer(
            ModelAsset model, BackendType backend = BackendType.GPUCompute, int sideMultiple = 4)
        {
            if (model == null) throw new ArgumentNullException(nameof(model));
            if (sideMultiple < 1)
                throw new ArgumentOutOfRangeException(nameof(sideMultiple), sideMultiple, "Give 1 or more.");
            this.sideMultiple = sideMultiple;
            Model loaded = ModelLoader.Load(model);
            var graph = new FunctionalGraph();
            FunctionalTensor[] inputs = graph.AddInputs(loaded);
            // Pictures are in 0..1 here, the style's graphs in -1..1: the conversion becomes part of them.
            inputs[0] = inputs[0] * 2f - 1f;
            FunctionalTensor[] outputs = Functional.Forward(loaded, inputs);
            worker = new Worker(graph.Compile((outputs[0] + 1f) / 2f), backend);
        }

        /// <inheritdoc/>
        public async Task<Picture> StylizeAsync(
            Picture picture,
            StylizeSettings settings,
            IProgress<StylizeProgress> progress = null,
            CancellationToken cancel = default(CancellationToken))
        {
            if (picture.Format != PictureFormat.Rgba8)
                throw new StylizerException(
                    $"A picture of the kind {picture.Format} cannot be drawn in the engine.", "Give its pixels as Rgba8.",
                    StatusCode.InvalidArgument);
            await turn.WaitAsync(cancel);
            try
            {
                progress?.Report(new StylizeProgress(0f, "drawing"));
                int width = PlanarPixels.RoundedUp(picture.WidthPx, sideMultiple);
                int height = PlanarPixels.RoundedUp(picture.HeightPx, sideMultiple);
                Prepare(width, height, settings.Strength);
                image.Upload(PlanarPixels.Of(picture, width, height));
                worker.Schedule(image, dial);
                var drawn = (Tensor<float>)worker.PeekOutput();
                drawn.ReadbackRequest();
                while (!drawn.IsReadbackRequestDone())
                {
                    await Task.Yield();
                    cancel.ThrowIfCancellationRequested();
                }
                progress?.Report(new StylizeProgress(1f, "drawing"));
                return PlanarPixels.ToPicture(drawn.DownloadToArray(), width, height, picture);
            }
            finally
            {
                turn.Release();
            }
        }

        /// <summary>
        /// Draws a texture into another one without leaving the GPU, as for a camera that is live. Call
        /// it while nothing else is drawn by this. A camera's picture is not turned: show the drawing by
        /// <see cref="CameraTurn"/>.
        /// </summary>
        /// <param name="source">A texture; its sides are rounded down to the multiple, or it is fitted to
        /// the only size that the style draws.</param>
        /// <param name="target">Where the drawing goes, opaque; it is fitted to its size.</param>
        /// <param name="strength">0 to 1.</param>
        public void Draw(Texture source, RenderTexture target, float strength = 1f)
        {
            Prepare(SideOf(source.width), SideOf(source.height), strength);
            TextureConverter.ToTensor(Encoded(source), image);
            worker.Schedule(image, dial);
            TextureConverter.RenderToTexture((Tensor<float>)worker.PeekOutput(), target);
        }

        /// <summary>Gives its memory back.</summary>
        public void Dispose()
        {
            worker.Dispose();
            image?.Dispose();
            dial?.Dispose();
            if (encoded != null) RenderTexture.ReleaseTemporary(encoded);
            encoded = null;
        }

        private static ModelAsset ModelOf(StyleNetwork network)
        {
            if (network == null) throw new ArgumentNullException(nameof(network));
            var model = network.Model as ModelAsset;
            if (model != null) return model;
            throw new StylizerException(
                $"The inference engine has not imported the network {network.name} of the style {network.Style.StyleName}.",
                "Install the package com.unity.ai.inference 2.2 or newer, and import the style's folder anew.",
                StatusCode.FailedPrecondition);
        }

        private static int SideMultipleOf(StyleAsset style)
        {
            return style.FixedSizePx > 0 ? style.FixedSizePx : style.SideMultiple;
        }

        private int SideOf(int sourcePx)
        {
            return fixedSizePx > 0 ? fixedSizePx : Math.Max(1, sourcePx / sideMultiple) * sideMultiple;
        }

        private void Prepare(int width, int height, float strength)
        {
            if (fixedSizePx > 0 && (width != fixedSizePx || height != fixedSizePx))
                throw new StylizerException(
                    $"The style draws pictures up to {fixedSizePx}×{fixedSizePx} px alone.", "Make the picture smaller.",
                    StatusCode.InvalidArgument);
            var shape = new TensorShape(1, 3, height, width);
            if (image == null || image.shape != shape)
            {
                image?.Dispose();
                image = new Tensor<float>(shape);
            }
            if (dial == null) dial = new Tensor<float>(new TensorShape());
            strengthOfDial[0] = strength;
            dial.Upload(strengthOfDial);
        }

        // The converter gives the values of sRGB where a texture says that it has them. What holds
        // linear light is made such a one.
        private Texture Encoded(Texture source)
        {
            if (source.isDataSRGB || QualitySettings.activeColorSpace == ColorSpace.Gamma) return source;
            if (encoded != null && (encoded.width != source.width || encoded.height != source.height))
            {
                RenderTexture.ReleaseTemporary(encoded);
                encoded = null;
            }
            if (encoded == null)
                encoded = RenderTexture.GetTemporary(
                    source.width, source.height, 0, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
            GpuCopy.ToSrgb(source, encoded);
            return encoded;
        }
    }
}
