using System;
using System.Threading.Tasks;
using Nijigan.Grpc;
using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>The call that draws one picture.</summary>
    internal sealed class StylizeCall : GrpcCall
    {
        private readonly TaskCompletionSource<StylizeDone> result =
            new TaskCompletionSource<StylizeDone>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly Reader reader = new Reader();
        private readonly StylizeResponse response = new StylizeResponse();
        private readonly Told told;
        private readonly PictureBuffer into;
        private readonly int most;
        private StylizeDone done;

        public StylizeCall(MessageBody body, Told told, PictureBuffer into, int most)
            : base(body)
        {
            this.told = told;
            this.into = into;
            this.most = most;
        }

        /// <summary>What the sidecar says last; the chunks are in the buffer then, and everything was
        /// told.</summary>
        public Task<StylizeDone> Result => result.Task;

        protected override bool OnMessage(byte[] buffer, int offset, int count)
        {
            response.Clear();
            reader.Read(response, buffer, offset, count);
            if (response.Chunk.HasValue) ResultSize.Append(into, response.Chunk.Value, most);
            else if (response.Done != null) TakeDone();
            else if (response.Progress != null) told.Tell(response.Progress, this);
            else if (response.Preview != null) told.Tell(response.Preview, this);
            return true;
        }

        protected override void OnFinished(Exception error)
        {
            if (error == null && done == null) error = new StylizerException("The sidecar sent no result.", "Retry.", StatusCode.Internal);
            if (error == null) told.After(() => result.TrySetResult(done));
            else result.Fail(error);
        }

        private void TakeDone()
        {
            done = response.Done;
            response.Done = null; // else it would be used again
        }
    }
}
