using System;
using System.Threading.Tasks;

namespace Nijigan.Grpc
{
    /// <summary>How a task ends with what a call ended with.</summary>
    internal static class TaskEnds
    {
        /// <summary>Makes the task cancelled where the error says so, and else faulted.</summary>
        public static void Fail<T>(this TaskCompletionSource<T> task, Exception error)
        {
            if (error is OperationCanceledException cancelled) task.TrySetCanceled(cancelled.CancellationToken);
            else task.TrySetException(error);
        }
    }
}
