using System;
using System.Threading.Tasks;
using Nijigan.Grpc;
using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>The call that cuts out head and shoulders.</summary>
    internal sealed class FaceCall : GrpcCall
    {
        private readonly TaskCompletionSource<FramedFace> result =
            new TaskCompletionSource<FramedFace>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly Reader reader = new Reader();
        private readonly FrameFaceResponse response = new FrameFaceResponse();
        private readonly PictureBuffer into = new PictureBuffer();
        private FrameFaceDone done;

        public FaceCall(MessageBody body)
            : base(body)
        {
        }

        public Task<FramedFace> Result => result.Task;

        protected override bool OnMessage(byte[] buffer, int offset, int count)
        {
            response.Clear();
            reader.Read(response, buffer, offset, count);
            if (response.Chunk.HasValue) ResultSize.Append(into, response.Chunk.Value, ResultSize.Most(0));
            else if (response.Done != null) TakeDone();
            return true;
        }

        protected override void OnFinished(Exception error)
        {
            if (error == null && done == null) error = new StylizerException("The sidecar sent no result.", "Retry.", StatusCode.Internal);
            try
            {
                if (error == null) result.TrySetResult(new FramedFace(ResultSize.Finish(into, done.SizePx, done.SizePx, done.Format), done));
            }
            catch (StylizerException damaged)
            {
                error = damaged;
            }
            if (error != null) result.Fail(error);
        }

        private void TakeDone()
        {
            done = response.Done;
            response.Done = null; // else it would be used again
        }
    }
}
