using System;
using System.Collections.Generic;
using System.Globalization;
using Nijigan.Http2;

namespace Nijigan.Grpc
{
    /// <summary>
    /// How a call ends, from its headers and trailers.
    /// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
    /// </summary>
    internal sealed class CallStatus
    {
        private string http = "?";
        private string number = "";
        private string text = "";
        private string details = "";

        /// <summary>Whether what the server sends are messages.</summary>
        public bool IsGrpc { get; private set; }

        /// <summary>Takes headers or trailers.</summary>
        public void Add(IReadOnlyList<Header> headers)
        {
            for (int i = 0; i < headers.Count; i++)
            {
                string value = headers[i].Value;
                switch (headers[i].Name)
                {
                    case ":status":
                        http = value;
                        break;
                    case "content-type":
                        IsGrpc = value.StartsWith("application/grpc", StringComparison.Ordinal);
                        break;
                    case "grpc-status":
                        number = value;
                        break;
                    case "grpc-message":
                        text = value;
                        break;
                    case "grpc-status-details-bin":
                        details = value;
                        break;
                }
            }
        }

        /// <summary>Returns the error that the call ended with, or null where it went well.</summary>
        public StylizerException ToError()
        {
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
                return new IncompatibleException($"The server does not speak gRPC (HTTP {http}).", "Check the address.");
            StatusCode code = Enum.IsDefined(typeof(StatusCode), value) ? (StatusCode)value : StatusCode.Unknown;
            switch (code)
            {
                case StatusCode.Ok:
                    return null;
                case StatusCode.Cancelled: // not by us: who cancels does not wait for the status
                    return new SidecarNotRunningException(
                        "The sidecar stopped the call: it ends, or was kept waiting for too long.",
                        "Retry. Where its log says CUT_OFF, send and read without long pauses.",
                        code: code);
                default:
                    return ToError(code, PercentEncoding.Decode(text), StatusDetails.Parse(details));
            }
        }

        private static StylizerException ToError(StatusCode code, string text, StatusDetails details)
        {
            string remedy = details.Remedy;
            string fact = remedy.Length > 0 && text.EndsWith(remedy, StringComparison.Ordinal)
                ? text.Substring(0, text.Length - remedy.Length).TrimEnd()
                : text;
            if (fact.Length == 0) fact = code.ToString();
            if (code == StatusCode.Unimplemented && remedy.Length == 0) remedy = "Update the older of sidecar and client.";
            return StylizerErrors.Make(code, details.Reason, fact, remedy, details.Metadata, details.RetryAfter);
        }
    }
}
