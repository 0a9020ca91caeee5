using System;

namespace Nijigan.Http2
{
    /// <summary>The peer broke the protocol, and the connection has to end.</summary>
    internal sealed class Http2Exception : Exception
    {
        public Http2Exception(Http2Error error, string message)
            : base(message)
        {
            Error = error;
        }

        public Http2Error Error { get; }
    }
}
