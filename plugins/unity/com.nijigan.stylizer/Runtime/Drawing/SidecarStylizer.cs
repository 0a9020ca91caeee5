using System;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// Draws pictures and frames faces by a sidecar. It ends with the application, and in the
    /// Editor before scripts are reloaded, so that no socket or thread outlives them.
    /// </summary>
    public sealed class SidecarStylizer : IPictureStylizer, IFaceFramer
    {
        /// <summary>Makes one. Nothing is connected yet.</summary>
        /// <param name="options">Where the sidecar is; null: the one that this user runs.</param>
        /// <exception cref="StylizerException">The address is none; or, with the reason NOT_SUPPORTED:
        /// on this platform there are no sockets.</exception>
        public SidecarStylizer(ClientOptions options = null) : this(options, endsWithGame: true)
        {
        }

        /// <summary>Makes one. In the Editor the game quits whenever Play ends; what belongs to the
        /// Editor goes on then.</summary>
        internal SidecarStylizer(ClientOptions options, bool endsWithGame)
        {
            SupportedPlatform.Check();
            Client = Made(options);
            if (endsWithGame) Application.quitting += Dispose;
#if UNITY_EDITOR
            UnityEditor.AssemblyReloadEvents.beforeAssemblyReload += Dispose;
#endif
        }

        /// <summary>The client, for what a sidecar can do beside drawing.</summary>
        public StylizerClient Client { get; }

        /// <inheritdoc/>
        public async Task<Picture> StylizeAsync(
            Picture picture,
            StylizeSettings settings,
            IProgress<StylizeProgress> progress = null,
            CancellationToken cancel = default(CancellationToken))
        {
            StylizeResult result = await Client.StylizeAsync(picture, settings, progress, cancel: cancel);
            return result.Picture;
        }

        /// <inheritdoc/>
        public async Task<Picture> FrameAsync(
            Picture photo, FrameFaceSettings settings, CancellationToken cancel = default(CancellationToken))
        {
            FramedFace framed = await Client.FrameFaceAsync(photo, settings, cancel);
            return framed.Picture;
        }

        /// <summary>Ends all calls, and the connection.</summary>
        public void Dispose()
        {
            Application.quitting -= Dispose;
#if UNITY_EDITOR
            UnityEditor.AssemblyReloadEvents.beforeAssemblyReload -= Dispose;
#endif
            Client.Dispose();
        }

        // An address that is none is a setting of the user's, not a mistake of who calls this.
        private static StylizerClient Made(ClientOptions options)
        {
            try
            {
                return new StylizerClient(options);
            }
            catch (ArgumentException error)
            {
                throw new StylizerException(
                    $"\"{options.Address}\" is no address.", "Give host:port, such as 127.0.0.1:50051.",
                    StatusCode.InvalidArgument, inner: error);
            }
        }
    }
}
