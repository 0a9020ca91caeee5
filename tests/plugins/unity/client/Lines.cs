using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Nijigan.Tests
{
    /// <summary>Questions and answers, a line each.</summary>
    internal static class Lines
    {
        /// <summary>Answers each line of the input; an error is "error: " and its text.</summary>
        public static int Answer(Func<string, string> answer)
        {
            string line;
            while ((line = Console.ReadLine()) != null)
            {
                try
                {
                    Console.WriteLine(answer(line));
                }
                catch (Exception error)
                {
                    Console.WriteLine($"error: {error.GetType().Name}: {error.Message}");
                }
            }
            return 0;
        }

        public static byte[] FromHex(string hex)
        {
            return Enumerable.Range(0, hex.Length / 2).Select(i => byte.Parse(hex.Substring(2 * i, 2), NumberStyles.HexNumber)).ToArray();
        }

        public static string ToHex(byte[] bytes, int offset, int count)
        {
            return BitConverter.ToString(bytes, offset, count).Replace("-", "").ToLowerInvariant();
        }

        /// <summary>JSON of dictionaries, lists, strings, numbers, bools and null.</summary>
        public static string ToJson(object value)
        {
            if (value == null) return "null";
            if (value is bool) return (bool)value ? "true" : "false";
            if (value is string text) return Quote(text);
            if (value is IDictionary<string, object> members)
                return "{" + string.Join(", ", members.Select(each => Quote(each.Key) + ": " + ToJson(each.Value))) + "}";
            if (value is System.Collections.IEnumerable items) return "[" + string.Join(", ", items.Cast<object>().Select(ToJson)) + "]";
            return ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);
        }

        private static string Quote(string text)
        {
            var quoted = new StringBuilder("\"");
            foreach (char each in text)
                quoted.Append(each < ' ' || each > '~' || each == '"' || each == '\\' ? $"\\u{(int)each:x4}" : each.ToString());
            return quoted.Append('"').ToString();
        }
    }
}
