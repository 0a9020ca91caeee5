using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Nijigan.Grpc;
using Nijigan.Http2;
using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>
    /// The connection of a client, which is made where it is needed, and made anew where it was lost.
    /// </summary>
    internal sealed class Channel : IDisposable
    {
        private const string Service = "/nijigan.v1.StylizerService/";
        private static readonly TimeSpan LongestGreeting = TimeSpan.FromSeconds(10);
        private readonly object sync = new object();
        private readonly ClientOptions options;
        private readonly List<Http2Connection> leaving = new List<Http2Connection>(); // take no more calls, and finish theirs
        private Task<Link> connecting;
        private Sidecar started;
        private bool disposed;

        /// <summary>Makes a channel that is not connected.</summary>
        /// <exception cref="ArgumentException">The address is none.</exception>
        public Channel(ClientOptions options)
        {
            if (options.Address != null) Discovery.Parse(options.Address);
            this.options = options;
        }

        /// <summary>Returns a connection that takes calls.</summary>
        /// <exception cref="StylizerException">There is no sidecar, or it is of another age.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled; others may go on to wait.</exception>
        public async Task<Link> ConnectAsync(CancellationToken cancel)
        {
            Task<Link> link;
            lock (sync)
            {
                if (disposed) throw new ObjectDisposedException(nameof(StylizerClient));
                if (connecting != null && IsLost(connecting)) Leave(connecting);
                if (connecting == null) connecting = Task.Run(() => MakeAsync());
                link = connecting;
            }
            if (cancel.CanBeCanceled && !link.IsCompleted)
                await Task.WhenAny(link, Task.Delay(Timeout.Infinite, cancel)).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            return await link.ConfigureAwait(false);
        }

        /// <summary>Makes a call; it is told how it ended.</summary>
        public async Task StartAsync(string method, GrpcCall call, TimeSpan timeout, CancellationToken cancel)
        {
            Link link = await ConnectAsync(cancel).ConfigureAwait(false);
            call.Start(link.Connection, Headers(method, link.Place), timeout, cancel);
        }

        /// <summary>Makes a call that one message answers.</summary>
        /// <param name="method">Its name.</param>
        /// <param name="request">What is asked.</param>
        /// <param name="convert">Makes the result of the answer, with copies of its bytes.</param>
        /// <param name="timeout">How long it may take.</param>
        /// <param name="cancel">Ends it.</param>
        public async Task<TResult> AskAsync<TResponse, TResult>(
            string method, Message request, Func<TResponse, TResult> convert, TimeSpan timeout, CancellationToken cancel)
            where TResponse : Message, new()
        {
            var body = new MessageBody();
            body.Send(request);
            body.Complete();
            var call = new UnaryCall<TResponse, TResult>(body, convert);
            await StartAsync(method, call, timeout, cancel).ConfigureAwait(false);
            return await call.Result.ConfigureAwait(false);
        }

        public void Dispose()
        {
            Task<Link> link;
            Http2Connection[] others;
            lock (sync)
            {
                disposed = true;
                link = connecting;
                others = leaving.ToArray();
            }
            foreach (Http2Connection each in others) each.Dispose();
            link?.ContinueWith(made => made.Result.Connection.Dispose(), TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously);
            link?.ContinueWith(failed => failed.Exception, TaskContinuationOptions.OnlyOnFaulted);
            started?.Dispose();
        }

        private void Leave(Task<Link> link)
        {
            leaving.RemoveAll(each => each.Over);
            if (link.Status == TaskStatus.RanToCompletion) leaving.Add(link.Result.Connection);
            connecting = null;
        }

        private static bool IsLost(Task<Link> link)
        {
            return link.IsCompleted && (link.Status != TaskStatus.RanToCompletion || !link.Result.Connection.Accepting);
        }

        private static IEnumerable<Header> Headers(string method, SidecarPlace place)
        {
            yield return new Header(":method", "POST");
            yield return new Header(":scheme", place.Tls ? "https" : "http");
            yield return new Header(":path", Service + method);
            yield return new Header(":authority", place.Address);
            yield return new Header("content-type", "application/grpc");
            yield return new Header("te", "trailers");
            yield return new Header("user-agent", "nijigan-unity");
            yield return new Header("authorization", "Bearer " + place.Token);
        }

        private async Task<Link> MakeAsync()
        {
            if (options.Address != null || options.StartCommand == null) return await FindAsync(false).ConfigureAwait(false);
            try
            {
                return await FindAsync(true).ConfigureAwait(false);
            }
            catch (SidecarNotRunningException) // none, or what one left that was killed
            {
            }
            Sidecar sidecar = await Sidecar.StartAsync(options.StartCommand).ConfigureAwait(false);
            bool late;
            lock (sync)
            {
                started = sidecar;
                late = disposed;
            }
            if (late) sidecar.Dispose();
            return await FindAsync(true).ConfigureAwait(false);
        }

        private async Task<Link> FindAsync(bool greeted)
        {
            SidecarPlace place = options.Address == null ? Discovery.Find() : Discovery.At(options.Address, options.Token);
            Http2Connection connection = await Connector.ConnectAsync(place, options.CertificateAuthorityFile).ConfigureAwait(false);
            if (greeted) await GreetAsync(connection, place.Address, LongestGreeting).ConfigureAwait(false);
            return new Link(connection, place);
        }

        /// <summary>Waits for the server to say something; where it does not, the connection is ended.</summary>
        /// <exception cref="SidecarNotRunningException">It does not.</exception>
        internal static async Task GreetAsync(Http2Connection connection, string address, TimeSpan longest)
        {
            await Task.WhenAny(connection.Greeting, Task.Delay(longest)).ConfigureAwait(false);
            if (connection.Greeting.IsCompleted && connection.Greeting.Result) return;
            connection.Dispose();
            throw new SidecarNotRunningException($"Nothing answers at {address}.", "Start the sidecar.");
        }
    }
}
