using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;

namespace Nijigan
{
    /// <summary>
    /// The sidecar refused or failed. The message is one line for people; branch on
    /// <see cref="Reason"/>.
    /// <list type="bullet">
    /// <item><see cref="SidecarNotRunningException"/>: no sidecar, or it went away</item>
    /// <item><see cref="IncompatibleException"/>: the sidecar and this client are of different ages</item>
    /// <item><see cref="TokenException"/>: the token is not the sidecar's</item>
    /// <item><see cref="BusyException"/>: as many pictures as may wait are waiting</item>
    /// <item><see cref="DeadlineException"/>: it took longer than the call may</item>
    /// <item><see cref="CommandException"/>: what should start the sidecar is not there</item>
    /// <item><see cref="StopException"/>: the sidecar cannot be stopped from here</item>
    /// </list>
    /// A call that was cancelled by its token throws <see cref="OperationCanceledException"/> instead.
    /// </summary>
    public class StylizerException : Exception
    {
        private static readonly IReadOnlyDictionary<string, string> None =
            new ReadOnlyDictionary<string, string>(new Dictionary<string, string>());

        /// <summary>Makes one.</summary>
        /// <param name="fact">What is the case, a sentence.</param>
        /// <param name="remedy">What to do about it, or "".</param>
        /// <param name="code">gRPC's code.</param>
        /// <param name="reason">Upper-case words to branch on, or "".</param>
        /// <param name="metadata">What else the sidecar says.</param>
        /// <param name="retryAfter">When to try again, where that may help.</param>
        /// <param name="inner">What it came of.</param>
        public StylizerException(
            string fact,
            string remedy = "",
            StatusCode code = StatusCode.Unknown,
            string reason = "",
            IReadOnlyDictionary<string, string> metadata = null,
            TimeSpan? retryAfter = null,
            Exception inner = null)
            : base((fact + " " + remedy).TrimEnd(), inner)
        {
            Fact = fact;
            Remedy = remedy;
            Code = code;
            Reason = reason;
            Metadata = metadata ?? None;
            RetryAfter = retryAfter;
        }

        /// <summary>What is the case: the message without the remedy.</summary>
        public string Fact { get; }

        /// <summary>What to do about it, or "".</summary>
        public string Remedy { get; }

        /// <summary>gRPC's code.</summary>
        public StatusCode Code { get; }

        /// <summary>Upper-case words to branch on, such as "STYLE_NOT_FOUND"; "" where there is none.</summary>
        public string Reason { get; }

        /// <summary>What else the sidecar says, such as the path of its "log", or with the reason
        /// SEVERAL_FACES "faces": "left,top,width,height; ...".</summary>
        public IReadOnlyDictionary<string, string> Metadata { get; }

        /// <summary>When to try again, where that may help; else null.</summary>
        public TimeSpan? RetryAfter { get; }

        /// <summary>The number of the call in the sidecar's log; "" where there is none.</summary>
        public string RequestNumber => Metadata.TryGetValue("request", out string number) ? number : "";
    }
}
