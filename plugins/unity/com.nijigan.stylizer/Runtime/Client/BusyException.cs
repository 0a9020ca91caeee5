using System;
using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>As many pictures as may wait are waiting; see <see cref="StylizerException.RetryAfter"/>.</summary>
    public sealed class BusyException : StylizerException
    {
        internal const string UsualReason = "SERVER_BUSY";

        internal BusyException(
            string fact,
            string remedy,
            string reason = UsualReason,
            IReadOnlyDictionary<string, string> metadata = null,
            TimeSpan? retryAfter = null,
            Exception inner = null)
            : base(fact, remedy, StatusCode.ResourceExhausted, reason, metadata, retryAfter, inner)
        {
        }
    }
}
