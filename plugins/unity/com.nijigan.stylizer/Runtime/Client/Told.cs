using System;
using System.Linq;
using Nijigan.Grpc;
using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>Whom to tell what comes before a result: on the thread pool, in order.</summary>
    internal sealed class Told
    {
        private readonly SerialQueue queue = new SerialQueue();
        private readonly Latest<StylizeProgress> progress;
        private readonly Latest<Picture> preview;

        public Told(IProgress<StylizeProgress> progress, IProgress<Picture> preview)
        {
            this.progress = progress == null ? null : new Latest<StylizeProgress>(progress, queue);
            this.preview = preview == null ? null : new Latest<Picture>(preview, queue);
        }

        public void Tell(Progress sent, GrpcCall of) => progress?.Tell(new StylizeProgress(sent.Fraction, sent.Stage), of);

        public void Tell(Preview sent, GrpcCall of)
        {
            bool whole = sent.Rgb.Count > 0 && (ulong)sent.Rgb.Count == 3UL * sent.WidthPx * sent.HeightPx;
            if (whole) preview?.Tell(new Picture(sent.Rgb.ToArray(), (int)sent.WidthPx, (int)sent.HeightPx, PictureFormat.Rgb8), of);
        }

        /// <summary>Does something when all was told.</summary>
        public void After(Action action) => queue.Add(action);
    }
}
