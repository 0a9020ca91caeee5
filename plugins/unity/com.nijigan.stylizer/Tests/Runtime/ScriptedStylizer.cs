using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan.Tests
{
    /// <summary>A stylizer that waits until the test says what comes of each call.</summary>
    internal sealed class ScriptedStylizer : IPictureStylizer
    {
        /// <summary>What was asked, and what will be answered.</summary>
        public readonly List<StylizeSettings> Asked = new List<StylizeSettings>();
        public readonly List<TaskCompletionSource<Picture>> Answers = new List<TaskCompletionSource<Picture>>();
        public readonly List<CancellationToken> Cancels = new List<CancellationToken>();

        public Task<Picture> StylizeAsync(
            Picture picture,
            StylizeSettings settings,
            IProgress<StylizeProgress> progress = null,
            CancellationToken cancel = default(CancellationToken))
        {
            progress?.Report(new StylizeProgress(0.5f, "drawing"));
            var answer = new TaskCompletionSource<Picture>();
            Asked.Add(settings);
            Answers.Add(answer);
            Cancels.Add(cancel);
            return answer.Task;
        }

        public void Dispose()
        {
        }
    }
}
