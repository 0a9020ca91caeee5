using System;
using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>The token is not the sidecar's.</summary>
    public sealed class TokenException : StylizerException
    {
        internal const string UsualReason = "UNAUTHENTICATED";

        internal TokenException(
            string fact,
            string remedy,
            string reason = UsualReason,
            IReadOnlyDictionary<string, string> metadata = null,
            TimeSpan? retryAfter = null,
            Exception inner = null)
            : base(fact, remedy, StatusCode.Unauthenticated, reason, metadata, retryAfter, inner)
        {
        }
    }
}
