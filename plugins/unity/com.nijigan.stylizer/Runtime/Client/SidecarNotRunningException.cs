using System;
using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>There is no sidecar, or it went away.</summary>
    public sealed class SidecarNotRunningException : StylizerException
    {
        internal const string UsualReason = "SIDECAR_UNAVAILABLE";

        internal SidecarNotRunningException(
            string fact,
            string remedy,
            string reason = UsualReason,
            IReadOnlyDictionary<string, string> metadata = null,
            TimeSpan? retryAfter = null,
            Exception inner = null,
            StatusCode code = StatusCode.Unavailable)
            : base(fact, remedy, code, reason, metadata, retryAfter, inner)
        {
        }
    }
}
