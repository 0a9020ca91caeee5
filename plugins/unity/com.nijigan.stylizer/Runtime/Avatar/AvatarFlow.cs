using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>
    /// The way from a photo to an avatar: the face is checked and framed, variants are drawn, one is
    /// chosen. It knows nothing of how that is shown.
    /// </summary>
    /// <remarks>
    /// Use it on one thread, Unity's main thread in a game. A step that is begun while another one is
    /// under way takes its place. No step throws what went wrong: the state says it.
    /// </remarks>
    public sealed class AvatarFlow : IDisposable
    {
        private readonly IFaceFramer framer;
        private readonly IPictureStylizer stylizer;
        private readonly IReadOnlyList<AvatarVariant> variants;
        private readonly AvatarOptions options;
        private readonly List<Picture> drawings = new List<Picture>();
        private CancellationTokenSource step;
        private Picture? photo;

        /// <summary>Makes one, which waits for a photo.</summary>
        /// <param name="framer">What frames the face.</param>
        /// <param name="stylizer">What draws; it and the framer stay yours to dispose.</param>
        /// <param name="variants">What to choose from, such as <see cref="AvatarVariant.Of"/> gives.</param>
        /// <param name="options">What avatars shall be; null: the usual.</param>
        public AvatarFlow(
            IFaceFramer framer,
            IPictureStylizer stylizer,
            IReadOnlyList<AvatarVariant> variants,
            AvatarOptions options = null)
        {
            this.framer = framer;
            this.stylizer = stylizer;
            this.variants = variants;
            this.options = options ?? new AvatarOptions();
        }

        /// <summary>Told that something below is another now.</summary>
        public event Action Changed;

        /// <summary>How far it is.</summary>
        public AvatarState State { get; private set; }

        /// <summary>The framed square, once there is one; as RGBA8.</summary>
        public Picture? Framed { get; private set; }

        /// <summary>What there is to choose from.</summary>
        public IReadOnlyList<AvatarVariant> Variants => variants;

        /// <summary>The variants that are drawn, in their order; as RGBA8.</summary>
        public IReadOnlyList<Picture> Drawings => drawings;

        /// <summary>How far all drawings are: 0 to 1.</summary>
        public float Progress { get; private set; }

        /// <summary>Which variant was chosen: 0 is the first; -1: none.</summary>
        public int Choice { get; private set; } = -1;

        /// <summary>Why the photo was refused; else null.</summary>
        public AvatarRefusal Refusal { get; private set; }

        /// <summary>What went wrong; else null.</summary>
        public StylizerException Error { get; private set; }

        /// <summary>Takes a photo, and goes on until there are drawings to choose from.</summary>
        /// <param name="taken">Pixels, or a file. Its array stays in use until another photo comes.</param>
        /// <returns>Completes when the step is done, whatever came of it.</returns>
        public Task TakeAsync(Picture taken)
        {
            photo = taken;
            return FrameAndDrawAsync(face: 0, anyway: false);
        }

        /// <summary>Takes one of the several faces that the photo was refused for.</summary>
        /// <param name="face">Which: 1 is the first from the left.</param>
        /// <returns>Completes when the step is done.</returns>
        public Task ChooseFaceAsync(int face)
        {
            return FrameAndDrawAsync(face, anyway: false);
        }

        /// <summary>Takes the photo all the same: the largest face, a small or blurred one, or the middle.</summary>
        /// <returns>Completes when the step is done.</returns>
        public Task TakeAnywayAsync()
        {
            return FrameAndDrawAsync(face: 0, anyway: true);
        }

        /// <summary>Tries again what failed, with the same photo.</summary>
        /// <returns>Completes when the step is done.</returns>
        public Task RetryAsync()
        {
            return Framed == null ? FrameAndDrawAsync(face: 0, anyway: false) : DrawAsync(Begin());
        }

        /// <summary>Chooses a drawing. Another one can be chosen afterwards.</summary>
        /// <param name="index">Which: 0 is the first.</param>
        /// <exception cref="InvalidOperationException">The drawings are not all there.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such one.</exception>
        public void Choose(int index)
        {
            if (State != AvatarState.Choosing && State != AvatarState.Chosen)
                throw new InvalidOperationException($"There is nothing to choose from in the state {State}.");
            if (index < 0 || index >= drawings.Count)
                throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {drawings.Count} drawings.");
            Choice = index;
            Enter(AvatarState.Chosen);
        }

        /// <summary>Forgets the photo, and waits for another one; what is under way is cancelled.</summary>
        public void StartOver()
        {
            Begin();
            photo = null;
            Forget();
            Enter(AvatarState.WaitsForPhoto);
        }

        /// <summary>Cancels what is under way.</summary>
        public void Dispose()
        {
            step?.Cancel();
            step = null;
        }

        private async Task FrameAndDrawAsync(int face, bool anyway)
        {
            if (photo == null) throw new InvalidOperationException("There is no photo. Take one first.");
            CancellationToken cancel = Begin();
            Forget();
            Enter(AvatarState.Framing);
            try
            {
                var settings = new FrameFaceSettings(
                    options.SizePx, face, anyway, options.LevelEyes, options.Transparent, PictureFormat.Rgba8);
                Picture framed = await framer.FrameAsync(photo.Value, settings, cancel);
                if (cancel.IsCancellationRequested) return;
                Framed = framed;
            }
            catch (Exception error)
            {
                Stop(error, cancel);
                return;
            }
            await DrawAsync(cancel);
        }

        private async Task DrawAsync(CancellationToken cancel)
        {
            drawings.Clear();
            Error = null;
            Progress = 0f;
            Enter(AvatarState.Drawing);
            try
            {
                foreach (AvatarVariant variant in variants)
                {
                    int done = drawings.Count;
                    var settings = new StylizeSettings(variant.Style, variant.Strength, options.Quality);
                    var progress = new Progress<StylizeProgress>(each => Advance(done, each.Fraction, cancel));
                    Picture drawing = await stylizer.StylizeAsync(Framed.Value, settings, progress, cancel);
                    if (cancel.IsCancellationRequested) return;
                    drawings.Add(drawing);
                    Advance(drawings.Count, 0f, cancel);
                }
                Enter(AvatarState.Choosing);
            }
            catch (Exception error)
            {
                Stop(error, cancel);
            }
        }

        // Ends the step that is under way: whatever comes of it is not looked at any more.
        private CancellationToken Begin()
        {
            step?.Cancel();
            step = new CancellationTokenSource();
            return step.Token;
        }

        private void Forget()
        {
            Framed = null;
            Refusal = null;
            Error = null;
            Choice = -1;
            Progress = 0f;
            drawings.Clear();
        }

        private void Advance(int done, float fraction, CancellationToken cancel)
        {
            float progress = (done + fraction) / variants.Count;
            if (cancel.IsCancellationRequested || progress <= Progress) return;
            Progress = Math.Min(1f, progress);
            Changed?.Invoke();
        }

        private void Stop(Exception error, CancellationToken cancel)
        {
            if (cancel.IsCancellationRequested) return;
            Error = error as StylizerException
                ?? new StylizerException(error.Message, "Try again.", StatusCode.Internal, inner: error);
            Refusal = AvatarRefusal.Of(Error);
            if (Refusal != null) Error = null;
            Enter(Refusal != null ? AvatarState.Refused : AvatarState.Failed);
        }

        private void Enter(AvatarState state)
        {
            State = state;
            Changed?.Invoke();
        }
    }
}
