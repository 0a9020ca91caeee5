using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan.Tests
{
    /// <summary>A framer that waits until the test says what comes of each call.</summary>
    internal sealed class ScriptedFramer : IFaceFramer
    {
        /// <summary>What was asked, and what will be answered.</summary>
        public readonly List<FrameFaceSettings> Asked = new List<FrameFaceSettings>();
        public readonly List<TaskCompletionSource<Picture>> Answers = new List<TaskCompletionSource<Picture>>();

        public Task<Picture> FrameAsync(
            Picture photo, FrameFaceSettings settings, CancellationToken cancel = default(CancellationToken))
        {
            var answer = new TaskCompletionSource<Picture>();
            cancel.Register(() => answer.TrySetCanceled());
            Asked.Add(settings);
            Answers.Add(answer);
            return answer.Task;
        }
    }
}
