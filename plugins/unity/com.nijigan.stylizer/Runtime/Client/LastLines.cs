using System.Collections.Generic;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>The last lines of what a process says.</summary>
    internal sealed class LastLines
    {
        private const int Kept = 5;
        private readonly Queue<string> lines = new Queue<string>();
        private readonly TaskCompletionSource<bool> ended =
            new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when it has said all.</summary>
        public Task Ended => ended.Task;

        /// <summary>Adds a line; null: there are no more.</summary>
        public void Add(string line)
        {
            if (line == null)
            {
                ended.TrySetResult(true);
                return;
            }
            lock (lines)
            {
                lines.Enqueue(line.Trim());
                if (lines.Count > Kept) lines.Dequeue();
            }
        }

        public override string ToString()
        {
            lock (lines) return string.Join(" ", lines);
        }
    }
}
