using System;
using System.Collections.Generic;

namespace Nijigan.Grpc
{
    /// <summary>Chooses the class of an error.</summary>
    internal static class StylizerErrors
    {
        /// <summary>Makes the error that a status stands for.</summary>
        public static StylizerException Make(
            StatusCode code,
            string reason,
            string fact,
            string remedy,
            IReadOnlyDictionary<string, string> metadata,
            TimeSpan? retryAfter)
        {
            if (reason == BusyException.UsualReason) return new BusyException(fact, remedy, reason, metadata, retryAfter);
            switch (code)
            {
                case StatusCode.Unavailable:
                    return new SidecarNotRunningException(fact, remedy, Or(reason, SidecarNotRunningException.UsualReason), metadata, retryAfter);
                case StatusCode.Unimplemented:
                    return new IncompatibleException(fact, remedy, Or(reason, IncompatibleException.UsualReason), metadata, retryAfter);
                case StatusCode.Unauthenticated:
                    return new TokenException(fact, remedy, Or(reason, TokenException.UsualReason), metadata, retryAfter);
                case StatusCode.DeadlineExceeded:
                    return new DeadlineException(fact, remedy, Or(reason, DeadlineException.UsualReason), metadata, retryAfter);
                default:
                    return new StylizerException(fact, remedy, code, reason, metadata, retryAfter);
            }
        }

        private static string Or(string reason, string usual) => reason.Length > 0 ? reason : usual;
    }
}
