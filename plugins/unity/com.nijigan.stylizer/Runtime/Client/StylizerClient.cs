using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Nijigan.Grpc;
using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>
    /// A sidecar, seen from here: draws pictures in styles.
    /// </summary>
    /// <remarks>
    /// Any number of threads may call, and any number of calls may be under way; they share one
    /// connection. It is made by the first call, and made anew by the next call after it was lost,
    /// to wherever the sidecar is then.
    ///
    /// Every call fails with a <see cref="StylizerException"/>, or with
    /// <see cref="OperationCanceledException"/> where its token was cancelled; then it returns at
    /// once, and the sidecar stops drawing. A Task that is awaited goes on where the await was: on
    /// Unity's main thread if it was there, else on a thread of the pool. No call blocks.
    ///
    /// A timeout that is left out is the usual one of the call;
    /// <see cref="Timeout.InfiniteTimeSpan"/> is none.
    /// </remarks>
    public sealed class StylizerClient : IDisposable
    {
        private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);
        private static readonly TimeSpan Long = TimeSpan.FromSeconds(600);
        private static readonly TimeSpan ForFaces = TimeSpan.FromSeconds(60);
        private readonly Channel channel;
        private readonly Exchange exchange;

        /// <summary>Makes a client. Nothing is connected yet.</summary>
        /// <param name="options">Where the sidecar is; null: the one that this user runs.</param>
        /// <exception cref="ArgumentException">The address is none.</exception>
        public StylizerClient(ClientOptions options = null)
        {
            options = options ?? new ClientOptions();
            channel = new Channel(options);
            exchange = new Exchange(options.ExchangeFiles, channel);
        }

        /// <summary>Ends all calls, and the connection. A sidecar that this client has started ends
        /// once no client has called for a while.</summary>
        public void Dispose() => channel.Dispose();

        /// <summary>Says what the sidecar is and what it can take. Usual timeout: 10 s, as for all
        /// calls that say no other.</summary>
        /// <param name="cancel">Ends the call.</param>
        /// <returns>What it says.</returns>
        /// <exception cref="SidecarNotRunningException">There is none.</exception>
        /// <exception cref="IncompatibleException">It is of another age.</exception>
        public Task<ServerInfo> GetServerInfoAsync(CancellationToken cancel = default(CancellationToken))
        {
            return channel.AskAsync<GetServerInfoResponse, ServerInfo>("GetServerInfo", new GetServerInfoRequest(), ToInfo, Short, cancel);
        }

        /// <summary>Lists the styles that are installed.</summary>
        /// <param name="cancel">Ends the call.</param>
        /// <returns>The styles, by name.</returns>
        public Task<IReadOnlyList<Style>> ListStylesAsync(CancellationToken cancel = default(CancellationToken))
        {
            return channel.AskAsync<ListStylesResponse, IReadOnlyList<Style>>(
                "ListStyles", new ListStylesRequest(), sent => sent.Styles.Select(each => new Style(each)).ToList().AsReadOnly(), Short, cancel);
        }

        /// <summary>Describes one style.</summary>
        /// <param name="name">Its name.</param>
        /// <param name="cancel">Ends the call.</param>
        /// <returns>The style.</returns>
        public Task<Style> GetStyleAsync(string name, CancellationToken cancel = default(CancellationToken))
        {
            return channel.AskAsync<GetStyleResponse, Style>(
                "GetStyle", new GetStyleRequest { Name = name ?? "" }, sent => new Style(sent.Style ?? new Wire.Style()), Short, cancel);
        }

        /// <summary>Gives a style's preview.</summary>
        /// <param name="name">Its name.</param>
        /// <param name="cancel">Ends the call.</param>
        /// <returns>A PNG file: before and after, side by side.</returns>
        public Task<byte[]> GetPreviewAsync(string name, CancellationToken cancel = default(CancellationToken))
        {
            return channel.AskAsync<GetStyleResponse, byte[]>(
                "GetStyle", new GetStyleRequest { Name = name ?? "", IncludePreview = true }, sent => Copy(sent.PreviewPng), Short, cancel);
        }

        /// <summary>Gets a style ready, so that its first picture does not wait.</summary>
        /// <param name="name">Its name.</param>
        /// <param name="quality">Which quality.</param>
        /// <param name="cancel">Ends the call.</param>
        /// <param name="timeout">How long it may take; usually 600 s.</param>
        /// <returns>How long it took; next to nothing where it was ready.</returns>
        public Task<TimeSpan> LoadStyleAsync(string name, Quality quality = Quality.Normal, CancellationToken cancel = default(CancellationToken), TimeSpan? timeout = null)
        {
            return channel.AskAsync<LoadStyleResponse, TimeSpan>(
                "LoadStyle", new LoadStyleRequest { Name = name ?? "", Quality = quality }, sent => TimeSpan.FromMilliseconds(sent.LoadUs / 1e3), timeout ?? Long, cancel);
        }

        /// <summary>Gives back a style's memory.</summary>
        /// <param name="name">Its name.</param>
        /// <param name="cancel">Ends the call.</param>
        /// <returns>How many of its qualities were in memory.</returns>
        public Task<int> UnloadStyleAsync(string name, CancellationToken cancel = default(CancellationToken))
        {
            return channel.AskAsync<UnloadStyleResponse, int>(
                "UnloadStyle", new UnloadStyleRequest { Name = name ?? "" }, sent => (int)sent.Unloaded, Short, cancel);
        }

        /// <summary>Draws one picture.</summary>
        /// <param name="picture">What to draw. Do not change its array before the Task has
        /// completed.</param>
        /// <param name="settings">How to draw it.</param>
        /// <param name="progress">Told what is done, in order and the last before the Task completes;
        /// one that is slow to listen misses some. Called on a thread of the pool; a Progress of .NET
        /// made on Unity's main thread calls there. An error of its own ends the call and is the
        /// Task's.</param>
        /// <param name="preview">Told a small draft (RGB8) before the result is there, as progress
        /// is. Not called where the picture is not larger, or the sidecar has not the feature
        /// "preview".</param>
        /// <param name="previewSidePx">The draft's short side, 16 to 512 pixels.</param>
        /// <param name="into">A buffer for the result, not to be used by anyone else meanwhile;
        /// null: a new array.</param>
        /// <param name="cancel">Ends the call.</param>
        /// <param name="timeout">How long all of it may take; usually 600 s.</param>
        /// <returns>The drawing.</returns>
        public Task<StylizeResult> StylizeAsync(
            Picture picture,
            StylizeSettings settings,
            IProgress<StylizeProgress> progress = null,
            IProgress<Picture> preview = null,
            int previewSidePx = 256,
            PictureBuffer into = null,
            CancellationToken cancel = default(CancellationToken),
            TimeSpan? timeout = null)
        {
            Need(picture);
            if (settings == null) throw new ArgumentNullException(nameof(settings));
            var request = new StylizeRequest { Settings = Requests.ToWire(settings, picture.Format, Priority.Interactive) };
            request.Settings.WidthPx = (uint)picture.WidthPx;
            request.Settings.HeightPx = (uint)picture.HeightPx;
            request.Settings.PreviewShortSidePx = preview == null ? 0 : (uint)previewSidePx;
            var told = new Told(progress, preview);
            int expected = ResultSize.Expected(picture, settings.ResultFormat, settings.Region);
            return StylizeAsync(request, picture, told, into ?? new PictureBuffer(), expected, timeout ?? Long, cancel);
        }

        /// <summary>Draws the frames of one animation, in order. For sidecars with the feature
        /// "frames".</summary>
        /// <param name="settings">What is done with each frame.</param>
        /// <param name="format">What the frames that are sent are.</param>
        /// <param name="firstNumber">The number of the first frame that is sent.</param>
        /// <param name="state">To go on after the frame before that: what
        /// <see cref="FrameStream.CopyState"/> gave after it. Null: from the start.</param>
        /// <param name="cancel">Ends the stream, at any time.</param>
        /// <param name="timeout">How long all of it may take; usually as long as it likes.</param>
        /// <returns>The stream.</returns>
        public Task<FrameStream> StylizeFramesAsync(
            StylizeSettings settings,
            PictureFormat format = PictureFormat.Rgba8,
            int firstNumber = 0,
            byte[] state = null,
            CancellationToken cancel = default(CancellationToken),
            TimeSpan? timeout = null)
        {
            if (settings == null) throw new ArgumentNullException(nameof(settings));
            if (firstNumber < 0) throw new ArgumentOutOfRangeException(nameof(firstNumber), firstNumber, "Give 0 or more.");
            var first = new FramesSettings
            {
                Each = Requests.ToWire(settings, format, Priority.Batch),
                FirstNumber = (uint)firstNumber,
                State = new ArraySegment<byte>(state ?? new byte[0]),
            };
            return OpenAsync(FramesCall.Make(settings, format, first), timeout ?? Timeout.InfiniteTimeSpan, cancel);
        }

        /// <summary>Finds the face in a picture, and cuts out a square with head and shoulders. For
        /// sidecars with the feature "faces".</summary>
        /// <param name="picture">Where to look. Do not change its array before the Task has
        /// completed.</param>
        /// <param name="settings">What to do about the faces; null: the usual.</param>
        /// <param name="cancel">Ends the call.</param>
        /// <param name="timeout">How long all of it may take; usually 60 s.</param>
        /// <returns>The square, and what was found.</returns>
        /// <exception cref="StylizerException">With the reason NO_FACE, SEVERAL_FACES,
        /// FACE_TOO_SMALL or FACE_BLURRED, and others.</exception>
        public Task<FramedFace> FrameFaceAsync(
            Picture picture,
            FrameFaceSettings settings = null,
            CancellationToken cancel = default(CancellationToken),
            TimeSpan? timeout = null)
        {
            Need(picture);
            var body = new MessageBody(FrameFaceRequest.ChunkTag);
            body.Send(new FrameFaceRequest { Settings = Requests.ToWire(settings ?? new FrameFaceSettings(), picture) }, picture);
            body.Complete();
            return FrameFaceAsync(new FaceCall(body), timeout ?? ForFaces, cancel);
        }

        private static void Need(Picture picture)
        {
            if (picture.Bytes == null) throw new ArgumentException("The picture is none.", nameof(picture));
        }

        private static ServerInfo ToInfo(GetServerInfoResponse sent)
        {
            ApiLevel.Check((int)sent.ApiLevel, sent.Version);
            return new ServerInfo(sent);
        }

        private static byte[] Copy(ArraySegment<byte> bytes) => bytes.Count == 0 ? new byte[0] : bytes.ToArray();

        private async Task<StylizeResult> StylizeAsync(
            StylizeRequest request, Picture picture, Told told, PictureBuffer into, int expected, TimeSpan timeout, CancellationToken cancel)
        {
            ExchangeFile file = await exchange.OpenAsync(picture, timeout, cancel).ConfigureAwait(false);
            if (file != null)
            {
                using (file)
                {
                    try
                    {
                        request.Settings.ExchangeFile = file.Name;
                        StylizeDone drawn = await DrawAsync(request, default(Picture), told, into, 0, timeout, cancel).ConfigureAwait(false);
                        file.Read(into, ResultSize.Of(drawn.WidthPx, drawn.HeightPx, drawn.Format));
                        return new StylizeResult(ResultSize.Finish(into, drawn.WidthPx, drawn.HeightPx, drawn.Format), drawn);
                    }
                    catch (Exception error) when (exchange.MayDoWithout(error))
                    {
                        request.Settings.ExchangeFile = "";
                    }
                }
            }
            StylizeDone done = await DrawAsync(request, picture, told, into, expected, timeout, cancel).ConfigureAwait(false);
            return new StylizeResult(ResultSize.Finish(into, done.WidthPx, done.HeightPx, done.Format), done);
        }

        private async Task<StylizeDone> DrawAsync(
            StylizeRequest request, Picture picture, Told told, PictureBuffer into, int expected, TimeSpan timeout, CancellationToken cancel)
        {
            var body = new MessageBody(StylizeRequest.ChunkTag);
            body.Send(request, picture);
            body.Complete();
            into.Clear();
            into.Reserve(expected);
            var call = new StylizeCall(body, told, into, ResultSize.Most(expected));
            await channel.StartAsync("Stylize", call, timeout, cancel).ConfigureAwait(false);
            return await call.Result.ConfigureAwait(false);
        }

        private async Task<FrameStream> OpenAsync(FramesCall call, TimeSpan timeout, CancellationToken cancel)
        {
            await channel.StartAsync("StylizeFrames", call, timeout, cancel).ConfigureAwait(false);
            return new FrameStream(call);
        }

        private async Task<FramedFace> FrameFaceAsync(FaceCall call, TimeSpan timeout, CancellationToken cancel)
        {
            await channel.StartAsync("FrameFace", call, timeout, cancel).ConfigureAwait(false);
            return await call.Result.ConfigureAwait(false);
        }
    }
}
