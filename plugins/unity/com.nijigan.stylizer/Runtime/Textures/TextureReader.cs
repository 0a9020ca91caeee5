using System;
using System.Threading;
using System.Threading.Tasks;
using Unity.Collections;
using UnityEngine;
using UnityEngine.Rendering;

namespace Nijigan
{
    /// <summary>
    /// Reads textures into pictures: rows from the top, RGBA with 8 bits, sRGB, straight alpha.
    /// </summary>
    /// <remarks>
    /// Use it on the main thread, for one texture at a time. What is in memory already is copied: of
    /// the format RGBA32, and what Unity makes of a PNG or JPEG file. All else is copied on the GPU and
    /// read from there, without waiting where the GPU can (AsyncGPUReadback), else by ReadPixels. Its
    /// arrays are used again, so that reading textures of one size allocates nothing; but for those
    /// of files.
    ///
    /// Colors: a texture's sRGB values stay as they are. In a project of linear color, a texture
    /// that holds linear light is encoded as sRGB. What is brighter than white becomes white.
    /// Pictures of cameras are turned upright.
    /// </remarks>
    public sealed class TextureReader : IDisposable
    {
        private const int UnstartedCameraSidePx = 16;
        private const int BytesPerPixel = 4;

        private readonly Action<AsyncGPUReadbackRequest> whenRead;
        private RenderTexture staging;
        private Texture2D memory;
        private byte[] pixels = new byte[0];
        private byte[] spare = new byte[0];
        private int widthPx;
        private int heightPx;
        private CameraTurn turn;
        private StylizerException error;
        private bool disposed;

        /// <summary>Makes one.</summary>
        public TextureReader()
        {
            whenRead = WhenRead;
        }

        /// <summary>Whether a texture is being read.</summary>
        public bool IsReading { get; private set; }

        /// <summary>Begins to read. It is done once <see cref="IsReading"/> is false.</summary>
        /// <param name="source">A Texture2D, RenderTexture or WebCamTexture.</param>
        /// <exception cref="InvalidOperationException">Another texture is being read.</exception>
        /// <exception cref="StylizerException">There is nothing to read.</exception>
        public void Begin(Texture source)
        {
            if (TryCopy(source)) return;
            if (SystemInfo.supportsAsyncGPUReadback)
            {
                IsReading = true;
                AsyncGPUReadback.Request(staging, 0, TextureFormat.RGBA32, whenRead);
            }
            else
            {
                ReadPixels();
            }
        }

        /// <summary>Gives what was read.</summary>
        /// <returns>The picture. Its array is written to again when the next one is read.</returns>
        /// <exception cref="InvalidOperationException">The texture is still being read.</exception>
        /// <exception cref="StylizerException">It could not be read.</exception>
        public Picture Take()
        {
            if (IsReading) throw new InvalidOperationException("The texture is still being read.");
            if (error != null) throw error;
            return new Picture(pixels, widthPx, heightPx);
        }

        /// <summary>Reads a texture at once, which may wait for the GPU.</summary>
        /// <param name="source">A Texture2D, RenderTexture or WebCamTexture.</param>
        /// <returns>The picture. Its array is written to again when the next one is read.</returns>
        /// <exception cref="StylizerException">It could not be read.</exception>
        public Picture Read(Texture source)
        {
            if (!TryCopy(source)) ReadPixels();
            return Take();
        }

        /// <summary>Reads a texture without waiting.</summary>
        /// <param name="source">A Texture2D, RenderTexture or WebCamTexture.</param>
        /// <param name="cancel">Gives it up.</param>
        /// <returns>The picture. Its array is written to again when the next one is read.</returns>
        /// <exception cref="StylizerException">It could not be read.</exception>
        public async Task<Picture> ReadAsync(
            Texture source, CancellationToken cancel = default(CancellationToken))
        {
            Begin(source);
            while (IsReading)
            {
                await Task.Yield();
                cancel.ThrowIfCancellationRequested();
            }
            return Take();
        }

        /// <summary>Gives its textures back.</summary>
        public void Dispose()
        {
            disposed = true;
            if (!IsReading) Release();
        }

        private static bool IsInMemory(Texture2D texture)
        {
            return texture.isReadable && (texture.format == TextureFormat.RGBA32 || IsOfFile(texture))
                && (texture.isDataSRGB || QualitySettings.activeColorSpace == ColorSpace.Gamma);
        }

        // What LoadImage makes, of whatever format the texture was before.
        private static bool IsOfFile(Texture2D texture)
        {
            return texture.format == TextureFormat.ARGB32 || texture.format == TextureFormat.RGB24;
        }

        private static void CheckSource(Texture source)
        {
            if (source == null)
                throw new StylizerException("There is no texture to draw.", "Give one.", StatusCode.InvalidArgument);
            if (source is WebCamTexture && source.width <= UnstartedCameraSidePx)
                throw new StylizerException(
                    "The camera has sent no picture yet.", "Play it, and wait for didUpdateThisFrame.",
                    StatusCode.FailedPrecondition);
        }

        // True where the pixels were in memory; else they are on the GPU, in `staging`.
        private bool TryCopy(Texture source)
        {
            if (IsReading) throw new InvalidOperationException("Another texture is being read.");
            if (disposed) throw new ObjectDisposedException(nameof(TextureReader));
            CheckSource(source);
            error = null;
            turn = CameraTurn.Of(source);
            widthPx = source.width;
            heightPx = source.height;
            var texture = source as Texture2D;
            bool inMemory = texture != null && IsInMemory(texture);
            if (!inMemory) CopyOnGpu(source);
            else if (IsOfFile(texture)) Keep(texture.GetPixels32());
            else Keep(texture.GetPixelData<byte>(0));
            return inMemory;
        }

        private void CopyOnGpu(Texture source)
        {
            if (staging != null && (staging.width != widthPx || staging.height != heightPx)) Release();
            if (staging == null)
                staging = RenderTexture.GetTemporary(
                    widthPx, heightPx, 0, RenderTextureFormat.ARGB32, RenderTextureReadWrite.sRGB);
            GpuCopy.ToSrgb(source, staging);
        }

        private void ReadPixels()
        {
            if (memory == null)
                memory = new Texture2D(widthPx, heightPx, TextureFormat.RGBA32, false)
                {
                    hideFlags = HideFlags.HideAndDontSave,
                };
            else if (memory.width != widthPx || memory.height != heightPx)
                memory.Reinitialize(widthPx, heightPx);
            RenderTexture before = RenderTexture.active;
            RenderTexture.active = staging;
            memory.ReadPixels(new Rect(0f, 0f, widthPx, heightPx), 0, 0, false);
            RenderTexture.active = before;
            Keep(memory.GetPixelData<byte>(0));
        }

        private void WhenRead(AsyncGPUReadbackRequest request)
        {
            IsReading = false;
            if (disposed)
                Release();
            else if (request.hasError)
                error = new StylizerException("The GPU did not give the texture's pixels.", "Try again.");
            else
                Keep(request.GetData<byte>());
        }

        private void Keep(NativeArray<byte> texture)
        {
            int count = Reserve();
            PixelRows.ToPicture(texture, pixels, widthPx, heightPx);
            if (turn.Mirrored || turn.Degrees != 0) TurnUpright(count);
        }

        private void Keep(Color32[] colors)
        {
            Reserve();
            PixelRows.ToPicture(colors, pixels, widthPx, heightPx);
        }

        private int Reserve()
        {
            int count = widthPx * heightPx * BytesPerPixel;
            if (pixels.Length < count) pixels = new byte[count];
            return count;
        }

        private void TurnUpright(int count)
        {
            if (spare.Length < count) spare = new byte[count];
            if (turn.Mirrored) PixelRows.Mirror(pixels, widthPx, heightPx, spare);
            if (turn.Degrees == 0) return;
            PixelRows.Turn(pixels, spare, widthPx, heightPx, turn.Degrees);
            byte[] turned = spare;
            spare = pixels;
            pixels = turned;
            if (turn.Degrees == 180) return;
            int height = widthPx;
            widthPx = heightPx;
            heightPx = height;
        }

        private void Release()
        {
            if (staging != null) RenderTexture.ReleaseTemporary(staging);
            staging = null;
            if (!disposed) return;
            if (memory != null) Made.Discard(memory);
            memory = null;
        }
    }
}
