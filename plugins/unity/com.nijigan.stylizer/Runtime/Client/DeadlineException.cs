using System;
using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>It took longer than the call may.</summary>
    public sealed class DeadlineException : StylizerException
    {
        internal const string UsualReason = "DEADLINE_EXCEEDED";

        internal DeadlineException(
            string fact,
            string remedy,
            string reason = UsualReason,
            IReadOnlyDictionary<string, string> metadata = null,
            TimeSpan? retryAfter = null,
            Exception inner = null)
            : base(fact, remedy, StatusCode.DeadlineExceeded, reason, metadata, retryAfter, inner)
        {
        }
    }
}
