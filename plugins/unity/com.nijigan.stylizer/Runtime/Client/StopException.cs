using System;
using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>The sidecar cannot be stopped from here.</summary>
    public sealed class StopException : StylizerException
    {
        internal const string UsualReason = "STOP_FAILED";

        internal StopException(
            string fact,
            string remedy,
            string reason = UsualReason,
            IReadOnlyDictionary<string, string> metadata = null,
            TimeSpan? retryAfter = null,
            Exception inner = null)
            : base(fact, remedy, StatusCode.Unknown, reason, metadata, retryAfter, inner)
        {
        }
    }
}
