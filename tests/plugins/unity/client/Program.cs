using System;

namespace Nijigan.Tests
{
    /// <summary>What the Python tests run under mono: `driver.exe NAME`.</summary>
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            switch (arguments[0])
            {
                case "calls":
                    return new Calls().Run();
                case "messages":
                    return Lines.Answer(Messages.Recode);
                case "hpack":
                    return Lines.Answer(new HeaderBlocks().Decode);
                case "hpack-encode":
                    return Lines.Answer(new HeaderBlocks().Encode);
                case "status":
                    return Lines.Answer(Statuses.Read);
                case "garbage":
                    return Garbage.Count(arguments[1]);
                case "speed":
                    return Speed.Measure(int.Parse(arguments[1]), int.Parse(arguments[2]), int.Parse(arguments[3]));
                default:
                    Console.Error.WriteLine($"There is no {arguments[0]}.");
                    return 2;
            }
        }
    }
}
