using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Nijigan.Http2;

namespace Nijigan
{
    /// <summary>Connects to a sidecar.</summary>
    internal static class Connector
    {
        private const int BufferBytes = 1 << 20;
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

        /// <summary>Connects, and begins to speak HTTP/2.</summary>
        /// <exception cref="SidecarNotRunningException">Nothing listens there, or not as it should.</exception>
        /// <exception cref="StylizerException">The file of roots cannot be read.</exception>
        public static async Task<Http2Connection> ConnectAsync(SidecarPlace place, string certificateAuthorityFile)
        {
            Stream stream = null;
            try
            {
                stream = new NetworkStream(await OpenAsync(place).ConfigureAwait(false), true);
                if (place.Tls) stream = await Tls.EncryptAsync(stream, place.Host, certificateAuthorityFile).ConfigureAwait(false);
                return new Http2Connection(stream);
            }
            catch (Exception error)
            {
                stream?.Dispose();
                if (!IsOfNetwork(error)) throw;
                throw new SidecarNotRunningException($"Nothing answers at {place.Address} ({error.GetBaseException().Message}).", "Start the sidecar.", inner: error);
            }
        }

        private static async Task<Socket> OpenAsync(SidecarPlace place)
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(place.Host).ConfigureAwait(false);
            Exception failure = new IOException("the name has no address");
            foreach (IPAddress address in addresses)
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await ConnectAsync(socket, new IPEndPoint(address, place.Port)).ConfigureAwait(false);
                    socket.NoDelay = true;
                    socket.SendBufferSize = BufferBytes;
                    socket.ReceiveBufferSize = BufferBytes;
                    return socket;
                }
                catch (Exception error) when (IsOfNetwork(error))
                {
                    socket.Dispose();
                    failure = error;
                }
            }
            throw failure;
        }

        private static async Task ConnectAsync(Socket socket, EndPoint where)
        {
            Task connecting = Task.Factory.FromAsync(socket.BeginConnect(where, null, null), socket.EndConnect);
            await WithinAsync(connecting, Longest, socket).ConfigureAwait(false);
        }

        /// <summary>Waits for something; where it takes too long, what it is of is disposed.</summary>
        /// <exception cref="TimeoutException">It took too long.</exception>
        internal static async Task WithinAsync(Task something, TimeSpan longest, IDisposable of)
        {
            using (var over = new CancellationTokenSource())
            {
                Task first = await Task.WhenAny(something, Task.Delay(longest, over.Token)).ConfigureAwait(false);
                over.Cancel();
                if (first != something)
                {
                    of.Dispose();
                    _ = something.ContinueWith(late => late.Exception, TaskContinuationOptions.OnlyOnFaulted);
                    throw new TimeoutException($"no answer in {longest.TotalSeconds:0} s");
                }
                await something.ConfigureAwait(false);
            }
        }

        private static bool IsOfNetwork(Exception error)
        {
            return error is SocketException || error is IOException || error is TimeoutException || error is ObjectDisposedException
                || error is AuthenticationException || error is CryptographicException || error is ArgumentException;
        }
    }
}
