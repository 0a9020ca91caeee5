using System.Collections.Generic;
using System.Linq;
using Nijigan.Grpc;
using Nijigan.Http2;

namespace Nijigan.Tests
{
    /// <summary>Reads how calls ended.</summary>
    internal static class Statuses
    {
        /// <summary>A JSON array of pairs of headers gives the JSON of the error, or null.</summary>
        public static string Read(string line)
        {
            var status = new CallStatus();
            status.Add(((List<object>)Json.Parse(line)).Cast<List<object>>().Select(pair => new Header((string)pair[0], (string)pair[1])).ToList());
            StylizerException error = status.ToError();
            return Lines.ToJson(error == null ? null : Answers.Of(error));
        }
    }
}
