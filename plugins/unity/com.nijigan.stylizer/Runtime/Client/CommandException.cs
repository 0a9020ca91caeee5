using System;
using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>What should start the sidecar is not there: the reason COMMAND_NOT_FOUND, NOT_INSTALLED where none was chosen and nijigan is nowhere to be found, or NOT_SUPPORTED where none can be started (IL2CPP).</summary>
    public sealed class CommandException : StylizerException
    {
        internal const string UsualReason = "COMMAND_NOT_FOUND";

        internal CommandException(
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
