using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan.Tests
{
    /// <summary>
    /// Makes calls as the lines of the input say, several at once; each has an id, which its answer
    /// has too.
    /// </summary>
    internal sealed class Calls
    {
        private readonly Dictionary<string, StylizerClient> clients = new Dictionary<string, StylizerClient>();
        private readonly ConcurrentDictionary<int, CancellationTokenSource> cancels = new ConcurrentDictionary<int, CancellationTokenSource>();
        private Sidecar started;

        public int Run()
        {
            string line;
            while ((line = Console.ReadLine()) != null)
            {
                var question = new Question(line);
                int id = question.Number("id");
                cancels[id] = new CancellationTokenSource();
                AnswerAsync(id, question, cancels[id].Token);
            }
            return 0;
        }

        private async void AnswerAsync(int id, Question question, CancellationToken cancel)
        {
            Dictionary<string, object> answer;
            try
            {
                answer = await DoAsync(question, cancel);
            }
            catch (Exception error)
            {
                answer = Answers.Of(error);
            }
            answer["id"] = id;
            lock (Console.Out) Console.WriteLine(Lines.ToJson(answer));
        }

        private async Task<Dictionary<string, object>> DoAsync(Question question, CancellationToken cancel)
        {
            string name = question.Text("client", "");
            clients.TryGetValue(name, out StylizerClient client);
            switch (question.Text("do"))
            {
                case "open":
                    clients[name] = new StylizerClient(new ClientOptions(
                        question.Text("address"), question.Text("token"), question.Text("ca"), question.MaybeTruth("exchange"), question.Text("start")));
                    return new Dictionary<string, object>();
                case "close":
                    client.Dispose();
                    return new Dictionary<string, object>();
                case "cancel":
                    cancels[question.Number("of")].Cancel();
                    return new Dictionary<string, object>();
                case "info":
                    return Info(await client.GetServerInfoAsync(cancel));
                case "styles":
                    return One("styles", (await client.ListStylesAsync(cancel)).Select(Answers.Of));
                case "style":
                    return Answers.Of(await client.GetStyleAsync(question.Text("name"), cancel));
                case "preview":
                    File.WriteAllBytes(question.Text("out"), await client.GetPreviewAsync(question.Text("name"), cancel));
                    return new Dictionary<string, object>();
                case "load":
                    return One("seconds", (await client.LoadStyleAsync(question.Text("name"), question.Choice("quality", Quality.Normal), cancel)).TotalSeconds);
                case "unload":
                    return One("unloaded", await client.UnloadStyleAsync(question.Text("name"), cancel));
                case "stylize":
                    return await StylizeAsync(client, question, cancel);
                case "face":
                    return await FaceAsync(client, question, cancel);
                case "frames":
                    return await new FramesScenario(client, question, cancel).RunAsync();
                case "start":
                    started = await Sidecar.StartAsync(question.Text("command"), cancel);
                    return One("address", started.Address);
                case "let go":
                    started.Dispose();
                    return new Dictionary<string, object>();
                case "stop":
                    await Sidecar.StopAsync(cancel, question.Timeout);
                    return new Dictionary<string, object>();
                case "memory":
                    return One("bytes", GC.GetTotalMemory(true));
                default:
                    throw new ArgumentException($"There is no {question.Text("do")}.");
            }
        }

        private static async Task<Dictionary<string, object>> StylizeAsync(StylizerClient client, Question question, CancellationToken cancel)
        {
            var fractions = new List<object>();
            var previews = new List<object>();
            var progress = new Teller<StylizeProgress>(each =>
            {
                if (question.Truth("stumble")) throw new InvalidTimeZoneException("in the host");
                if (question.Truth("slow")) Thread.Sleep(50);
                fractions.Add((double)each.Fraction);
                if (question.Text("mark") != null) File.WriteAllText(question.Text("mark"), each.Stage);
            });
            var preview = new Teller<Picture>(each => previews.Add(Answers.Of(each)));
            StylizeResult result = await client.StylizeAsync(
                question.Picture(), question.Settings(), progress, question.Number("preview") > 0 ? preview : null,
                question.Number("preview"), null, cancel, question.Timeout);
            Dictionary<string, object> answer = Answers.Of(result.Picture);
            if (question.Text("out") != null) Write(question.Text("out"), result.Picture);
            answer["progress"] = fractions;
            answer["previews"] = previews;
            answer["request"] = result.RequestNumber;
            answer["tiles"] = result.Tiles;
            answer["compute_ms"] = result.Timings.Compute.TotalMilliseconds;
            return answer;
        }

        private static async Task<Dictionary<string, object>> FaceAsync(StylizerClient client, Question question, CancellationToken cancel)
        {
            var settings = new FrameFaceSettings(question.Number("size", 512), anyway: question.Truth("anyway"), levelEyes: question.Truth("level"));
            FramedFace framed = await client.FrameFaceAsync(question.Picture(), settings, cancel, question.Timeout);
            Dictionary<string, object> answer = Answers.Of(framed.Picture);
            Write(question.Text("out"), framed.Picture);
            answer["face"] = framed.Face;
            answer["faces"] = framed.Faces.Select(each => new object[] { each.LeftPx, each.TopPx, each.WidthPx, each.HeightPx });
            answer["side"] = framed.FrameSidePx;
            return answer;
        }

        internal static void Write(string path, Picture picture)
        {
            using (FileStream file = File.Create(path)) file.Write(picture.Bytes, 0, picture.Count);
        }

        private static Dictionary<string, object> One(string name, object value) => new Dictionary<string, object> { { name, value } };

        private static Dictionary<string, object> Info(ServerInfo info)
        {
            return new Dictionary<string, object>
            {
                { "version", info.Version }, { "api_level", info.ApiLevel }, { "engines", info.Engines }, { "features", info.Features },
                { "max_pixels", info.Limits.MaxPixels }, { "max_concurrent", info.Limits.MaxConcurrent },
                { "frames", info.Has("frames") }, { "idle_seconds", info.Limits.MaxIdle.TotalSeconds },
            };
        }
    }
}
