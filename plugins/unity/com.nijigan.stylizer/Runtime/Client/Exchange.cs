using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Nijigan.Http2;
using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>Decides whether a picture goes through a file.</summary>
    internal sealed class Exchange
    {
        private const string Failed = "EXCHANGE_FAILED";
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
        private readonly bool? wanted;
        private readonly Channel channel;
        private readonly object sync = new object(); // of the two below
        private Http2Connection asked; // whose sidecar was asked for the folder
        private string folder; // null: none that both can use

        public Exchange(bool? wanted, Channel channel)
        {
            this.wanted = wanted;
            this.channel = channel;
        }

        /// <summary>Makes a file with the picture in it; null where it goes by the wire.</summary>
        /// <exception cref="StylizerException">It must go through a file, and cannot.</exception>
        public async Task<ExchangeFile> OpenAsync(Picture picture, TimeSpan timeout, CancellationToken cancel)
        {
            bool small = picture.Count < ExchangeFile.LeastBytes && wanted != true;
            if (wanted == false || picture.Format == PictureFormat.Encoded || small) return null;
            string shared = await FolderAsync(timeout, cancel).ConfigureAwait(false);
            try
            {
                if (shared != null) return await Task.Run(() => new ExchangeFile(shared, picture)).ConfigureAwait(false);
            }
            catch (Exception error) when (IsOfFile(error))
            {
                if (wanted == true) throw new StylizerException($"The picture cannot be put into a file ({error.Message}).", "Leave exchangeFiles out.", reason: Failed, inner: error);
                Forget();
            }
            if (wanted == true)
                throw new StylizerException("The sidecar and this process share no folder for files.", "Leave exchangeFiles out.", reason: Failed);
            return null;
        }

        /// <summary>Whether the picture can go by the wire after all; those that follow do, too.</summary>
        public bool MayDoWithout(Exception error)
        {
            bool ofFile = IsOfFile(error) || (error is StylizerException known && known.Reason == Failed);
            if (wanted == true || !ofFile) return false;
            Forget();
            return true;
        }

        private static bool IsOfFile(Exception error) => error is IOException || error is UnauthorizedAccessException;

        private void Forget()
        {
            lock (sync) folder = null;
        }

        private async Task<string> FolderAsync(TimeSpan timeout, CancellationToken cancel)
        {
            Link link = await channel.ConnectAsync(cancel).ConfigureAwait(false);
            lock (sync)
            {
                if (asked == link.Connection) return folder;
            }
            bool shorter = timeout != Timeout.InfiniteTimeSpan && timeout < Longest;
            string offered = await channel.AskAsync<GetServerInfoResponse, string>(
                "GetServerInfo", new GetServerInfoRequest(), sent => sent.ExchangeFolder, shorter ? timeout : Longest, cancel).ConfigureAwait(false);
            lock (sync)
            {
                asked = link.Connection;
                folder = offered.Length > 0 && Directory.Exists(offered) ? offered : null;
                return folder;
            }
        }
    }
}
