using System;
using System.Diagnostics;
using System.Linq;

namespace Nijigan.Tests
{
    /// <summary>Times round trips of a picture, by the wire and through files.</summary>
    internal static class Speed
    {
        public static int Measure(int width, int height, int times)
        {
            var picture = new Picture(new byte[width * height * 4], width, height);
            foreach (bool exchange in new[] { false, true })
            {
                using (var client = new StylizerClient(new ClientOptions(exchangeFiles: exchange)))
                {
                    var into = new PictureBuffer();
                    var settings = new StylizeSettings("any");
                    var seconds = Enumerable.Range(0, times).Select(_ => Once(client, picture, settings, into)).OrderBy(each => each).ToList();
                    Console.WriteLine($"{{\"exchange\": {(exchange ? "true" : "false")}, \"median_ms\": {1e3 * seconds[times / 2]:0.0}, \"best_ms\": {1e3 * seconds[0]:0.0}}}");
                }
            }
            return 0;
        }

        private static double Once(StylizerClient client, Picture picture, StylizeSettings settings, PictureBuffer into)
        {
            Stopwatch watch = Stopwatch.StartNew();
            client.StylizeAsync(picture, settings, into: into).Wait();
            return watch.Elapsed.TotalSeconds;
        }
    }
}
