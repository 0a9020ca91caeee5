using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan.Tests
{
    /// <summary>Sends frames from files and receives them into files, both at once.</summary>
    internal sealed class FramesScenario
    {
        private readonly StylizerClient client;
        private readonly Question question;
        private readonly CancellationToken cancel;

        public FramesScenario(StylizerClient client, Question question, CancellationToken cancel)
        {
            this.client = client;
            this.question = question;
            this.cancel = cancel;
        }

        public async Task<Dictionary<string, object>> RunAsync()
        {
            byte[] state = question.Text("state") == null ? null : Lines.FromHex(question.Text("state"));
            using (FrameStream stream = await client.StylizeFramesAsync(
                question.Settings(), question.Choice("format", PictureFormat.Rgba8), question.Number("first"), state, cancel, question.Timeout))
            {
                Task sending = SendAsync(stream);
                var frames = new List<object>();
                var buffer = new PictureBuffer();
                while (true)
                {
                    DrawnFrame? frame = await stream.ReceiveAsync(buffer);
                    if (frame == null) break;
                    frames.Add(Take(frame.Value, stream));
                    if (frames.Count == question.Number("leave", -1)) return Answer(frames);
                }
                await sending;
                return Answer(frames);
            }
        }

        private static Dictionary<string, object> Answer(List<object> frames) => new Dictionary<string, object> { { "frames", frames } };

        private async Task SendAsync(FrameStream stream)
        {
            foreach (List<object> each in question.Items("pictures").Cast<List<object>>())
                await stream.SendAsync(new Picture(File.ReadAllBytes((string)each[0]), (int)(double)each[1], (int)(double)each[2], question.Choice("format", PictureFormat.Rgba8)));
            if (!question.Truth("open")) stream.Complete();
        }

        private Dictionary<string, object> Take(DrawnFrame frame, FrameStream stream)
        {
            Dictionary<string, object> answer = frame.Error == null ? Answers.Of(frame.Picture) : Answers.Of(frame.Error);
            answer["number"] = frame.Number;
            byte[] state = stream.CopyState();
            answer["state"] = Lines.ToHex(state, 0, state.Length);
            if (frame.Error == null && question.Text("out") != null) Calls.Write(question.Text("out") + frame.Number, frame.Picture);
            return answer;
        }
    }
}
