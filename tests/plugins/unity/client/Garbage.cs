using System;
using System.Threading.Tasks;

namespace Nijigan.Tests
{
    /// <summary>Counts what streaming frames allocates, once it is under way.</summary>
    internal static class Garbage
    {
        private const int Warm = 200;
        private const int Counted = 4000;
        private const int Side = 64;

        /// <summary>
        /// Prints JSON: bytes that the calling thread allocated for a frame, and collections of the
        /// youngest generation while the frames went through. "poll" asks the ValueTasks whether
        /// they are complete, as a game does each frame; "await" awaits them.
        /// </summary>
        public static int Count(string how)
        {
            using (var client = new StylizerClient())
            using (FrameStream stream = client.StylizeFramesAsync(new StylizeSettings("any")).Result)
            {
                if (how == "poll") Poll(stream);
                else AwaitAsync(stream).Wait();
            }
            return 0;
        }

        private static void Poll(FrameStream stream)
        {
            var frame = new Picture(new byte[Side * Side * 4], Side, Side);
            var buffer = new PictureBuffer();
            PollSome(stream, frame, buffer, Warm);
            var meter = new Meter();
            PollSome(stream, frame, buffer, Counted);
            meter.Print(Counted);
        }

        private static void PollSome(FrameStream stream, Picture frame, PictureBuffer buffer, int count)
        {
            for (int i = 0; i < count; i++)
            {
                ValueTask sending = stream.SendAsync(frame);
                ValueTask<DrawnFrame?> receiving = stream.ReceiveAsync(buffer);
                while (!receiving.IsCompleted) System.Threading.Thread.Yield();
                if (receiving.Result.Value.Error != null) throw receiving.Result.Value.Error;
                while (!sending.IsCompleted) System.Threading.Thread.Yield();
                sending.GetAwaiter().GetResult();
            }
        }

        private static async Task AwaitAsync(FrameStream stream)
        {
            var frame = new Picture(new byte[Side * Side * 4], Side, Side);
            var buffer = new PictureBuffer();
            for (int i = 0; i < Warm; i++) await OneAsync(stream, frame, buffer);
            var meter = new Meter();
            for (int i = 0; i < Counted; i++) await OneAsync(stream, frame, buffer);
            meter.Print(Counted);
        }

        private static async Task OneAsync(FrameStream stream, Picture frame, PictureBuffer buffer)
        {
            await stream.SendAsync(frame);
            DrawnFrame? drawn = await stream.ReceiveAsync(buffer);
            if (drawn.Value.Error != null) throw drawn.Value.Error;
        }

        private sealed class Meter
        {
            private readonly long bytes;
            private readonly int collections;

            public Meter()
            {
                GC.Collect();
                collections = GC.CollectionCount(0);
                bytes = GC.GetAllocatedBytesForCurrentThread();
            }

            public void Print(int frames)
            {
                long more = GC.GetAllocatedBytesForCurrentThread() - bytes;
                Console.WriteLine($"{{\"frames\": {frames}, \"caller_bytes\": {more}, \"collections\": {GC.CollectionCount(0) - collections}}}");
            }
        }
    }
}
