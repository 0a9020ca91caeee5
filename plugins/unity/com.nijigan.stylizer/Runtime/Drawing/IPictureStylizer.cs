using System;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>
    /// Draws pictures in styles: a sidecar (<see cref="SidecarStylizer"/>), or a network in the
    /// engine (InferenceEngineStylizer, where the package com.unity.ai.inference is installed).
    /// </summary>
    public interface IPictureStylizer : IDisposable
    {
        /// <summary>Draws one picture. Call it on Unity's main thread.</summary>
        /// <param name="picture">What to draw. Do not change its array before the Task has
        /// completed.</param>
        /// <param name="settings">How to draw it.</param>
        /// <param name="progress">Told how far it is.</param>
        /// <param name="cancel">Ends it.</param>
        /// <returns>The drawing, of the size of the picture.</returns>
        /// <exception cref="StylizerException">It could not be drawn.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled.</exception>
        Task<Picture> StylizeAsync(
            Picture picture,
            StylizeSettings settings,
            IProgress<StylizeProgress> progress = null,
            CancellationToken cancel = default(CancellationToken));
    }
}
