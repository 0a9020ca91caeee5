using System;
using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>The sidecar and this client are of different ages; the metadata "older" says which to update.</summary>
    public sealed class IncompatibleException : StylizerException
    {
        internal const string UsualReason = "INCOMPATIBLE";

        internal IncompatibleException(
            string fact,
            string remedy,
            string reason = UsualReason,
            IReadOnlyDictionary<string, string> metadata = null,
            TimeSpan? retryAfter = null,
            Exception inner = null)
            : base(fact, remedy, StatusCode.Unimplemented, reason, metadata, retryAfter, inner)
        {
        }
    }
}
