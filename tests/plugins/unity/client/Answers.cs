using System;
using System.Collections.Generic;
using System.Linq;

namespace Nijigan.Tests
{
    /// <summary>Values as JSON has them.</summary>
    internal static class Answers
    {
        public static Dictionary<string, object> Of(Exception error)
        {
            var answer = new Dictionary<string, object> { { "error", error.GetType().Name }, { "text", error.Message } };
            if (error is StylizerException known)
            {
                answer["code"] = known.Code.ToString();
                answer["reason"] = known.Reason;
                answer["fact"] = known.Fact;
                answer["remedy"] = known.Remedy;
                answer["request"] = known.RequestNumber;
                answer["metadata"] = known.Metadata.ToDictionary(each => each.Key, each => (object)each.Value);
                answer["retry_seconds"] = known.RetryAfter?.TotalSeconds;
            }
            return answer;
        }

        public static Dictionary<string, object> Of(Picture picture)
        {
            return new Dictionary<string, object>
            {
                { "width", picture.WidthPx }, { "height", picture.HeightPx }, { "format", picture.Format.ToString() }, { "count", picture.Count },
            };
        }

        public static Dictionary<string, object> Of(Style style)
        {
            return new Dictionary<string, object>
            {
                { "name", style.Name }, { "title", style.Title }, { "license", style.License }, { "side", style.WorkingShortSidePx },
                { "strength", style.StrengthKind.ToString() }, { "limits", style.Limits }, { "fixed", style.FixedSizePx },
                { "qualities", style.Qualities.Select(each => each.Quality.ToString()) },
            };
        }
    }
}
