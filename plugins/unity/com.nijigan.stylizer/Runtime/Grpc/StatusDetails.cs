using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using Nijigan.Wire;

namespace Nijigan.Grpc
{
    /// <summary>
    /// What a google.rpc.Status says beside its code: of our own ErrorInfo, and of RetryInfo.
    /// </summary>
    internal sealed class StatusDetails
    {
        private const string Domain = "nijigan";
        private readonly Dictionary<string, string> metadata = new Dictionary<string, string>();

        private StatusDetails()
        {
            Metadata = new ReadOnlyDictionary<string, string>(metadata);
        }

        public string Reason { get; private set; } = "";

        public string Remedy { get; private set; } = "";

        public IReadOnlyDictionary<string, string> Metadata { get; }

        public TimeSpan? RetryAfter { get; private set; }

        /// <summary>Reads the header grpc-status-details-bin; what is missing or damaged is left out.</summary>
        public static StatusDetails Parse(string header)
        {
            var found = new StatusDetails();
            try
            {
                byte[] bytes = Convert.FromBase64String(header + new string('=', (4 - header.Length % 4) % 4));
                var status = new RpcStatus();
                new Reader().Read(status, bytes, 0, bytes.Length);
                foreach (RpcAny each in status.Details) found.Add(each);
            }
            catch (FormatException)
            {
            }
            catch (WireException)
            {
            }
            return found;
        }

        private void Add(RpcAny detail)
        {
            string type = detail.TypeUrl.Substring(detail.TypeUrl.LastIndexOf('/') + 1);
            if (type == "google.rpc.ErrorInfo") Add(Read(new RpcErrorInfo(), detail));
            else if (type == "google.rpc.RetryInfo") RetryAfter = Read(new RpcRetryInfo(), detail).Delay;
        }

        private void Add(RpcErrorInfo info)
        {
            if (info.Domain != Domain) return;
            Reason = info.Reason;
            foreach (RpcEntry each in info.Metadata)
            {
                if (each.Key == "remedy") Remedy = each.Value;
                else metadata[each.Key] = each.Value;
            }
        }

        private static T Read<T>(T into, RpcAny detail)
            where T : Message
        {
            ArraySegment<byte> bytes = detail.Value;
            return bytes.Count == 0 ? into : new Reader().Read(into, bytes.Array, bytes.Offset, bytes.Count);
        }
    }
}
