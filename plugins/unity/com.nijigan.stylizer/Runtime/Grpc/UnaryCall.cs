using System;
using System.Threading.Tasks;
using Nijigan.Wire;

namespace Nijigan.Grpc
{
    /// <summary>A call that one message answers.</summary>
    /// <typeparam name="TResponse">The message.</typeparam>
    /// <typeparam name="TResult">What is made of it.</typeparam>
    internal sealed class UnaryCall<TResponse, TResult> : GrpcCall
        where TResponse : Message, new()
    {
        private readonly TaskCompletionSource<TResult> result =
            new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly Func<TResponse, TResult> convert;
        private bool answered;
        private TResult answer;

        /// <summary>A call; what convert makes has copies of the message's bytes.</summary>
        public UnaryCall(MessageBody body, Func<TResponse, TResult> convert)
            : base(body)
        {
            this.convert = convert;
        }

        public Task<TResult> Result => result.Task;

        protected override bool OnMessage(byte[] buffer, int offset, int count)
        {
            if (!answered) answer = convert(new Reader().Read(new TResponse(), buffer, offset, count));
            answered = true;
            return true;
        }

        protected override void OnFinished(Exception error)
        {
            if (error == null && !answered) error = new StylizerException("The sidecar sent no answer.", "Retry.", StatusCode.Internal);
            if (error == null) result.TrySetResult(answer);
            else result.Fail(error);
        }
    }
}
