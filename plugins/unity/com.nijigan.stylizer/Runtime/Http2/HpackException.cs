using System;

namespace Nijigan.Http2
{
    /// <summary>Bytes that are no header block.</summary>
    internal sealed class HpackException : Exception
    {
        public HpackException(string message)
            : base(message)
        {
        }
    }
}
