using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Nijigan
{
    /// <summary>Reads JSON (RFC 8259): objects as dictionaries, arrays as lists, strings, doubles, bools
    /// and null.</summary>
    internal sealed class Json
    {
        private const int Deepest = 32;
        private readonly string text;
        private int at;
        private int depth;

        private Json(string text)
        {
            this.text = text;
        }

        /// <summary>Reads one value.</summary>
        /// <exception cref="FormatException">It is not JSON.</exception>
        public static object Parse(string text)
        {
            var parser = new Json(text);
            object value = parser.Value();
            parser.Space();
            if (parser.at < text.Length) throw parser.Damaged();
            return value;
        }

        private object Value()
        {
            Space();
            if (at == text.Length || depth == Deepest) throw Damaged();
            switch (text[at])
            {
                case '{':
                    return Nested(Object);
                case '[':
                    return Nested(Array);
                case '"':
                    return String();
                case 't':
                    return Word("true", true);
                case 'f':
                    return Word("false", false);
                case 'n':
                    return Word("null", null);
                default:
                    return Number();
            }
        }

        private object Nested(Func<object> read)
        {
            depth++;
            at++;
            object value = read();
            depth--;
            return value;
        }

        private object Object()
        {
            var members = new Dictionary<string, object>();
            if (Take('}')) return members;
            do
            {
                Space();
                string name = String();
                if (!Take(':')) throw Damaged();
                members[name] = Value();
            }
            while (Take(','));
            return Take('}') ? members : throw Damaged();
        }

        private object Array()
        {
            var items = new List<object>();
            if (Take(']')) return items;
            do items.Add(Value());
            while (Take(','));
            return Take(']') ? items : throw Damaged();
        }

        private string String()
        {
            if (!Take('"')) throw Damaged();
            var value = new StringBuilder();
            while (at < text.Length && text[at] != '"')
            {
                char next = text[at++];
                if (next < ' ') throw Damaged();
                value.Append(next == '\\' ? Escaped() : next);
            }
            at++;
            return at <= text.Length ? value.ToString() : throw Damaged();
        }

        private char Escaped()
        {
            if (at == text.Length) throw Damaged();
            char kind = text[at++];
            if (kind == 'u')
            {
                bool whole = at + 4 <= text.Length;
                if (!whole || !ushort.TryParse(text.Substring(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
                    throw Damaged();
                at += 4;
                return (char)code;
            }
            int index = "\"\\/bfnrt".IndexOf(kind);
            return index >= 0 ? "\"\\/\b\f\n\r\t"[index] : throw Damaged();
        }

        private object Word(string word, object value)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) throw Damaged();
            at += word.Length;
            return value;
        }

        private object Number()
        {
            int start = at;
            while (at < text.Length && "+-.0123456789eE".IndexOf(text[at]) >= 0) at++;
            const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            return double.TryParse(text.Substring(start, at - start), Style, CultureInfo.InvariantCulture, out double value)
                ? value
                : throw Damaged();
        }

        private bool Take(char wanted)
        {
            Space();
            if (at == text.Length || text[at] != wanted) return false;
            at++;
            return true;
        }

        private void Space()
        {
            while (at < text.Length && " \t\r\n".IndexOf(text[at]) >= 0) at++;
        }

        private FormatException Damaged() => new FormatException($"No JSON at character {at}.");
    }
}
