using System.Collections.Generic;

namespace Nijigan.Http2
{
    /// <summary>
    /// Writes header blocks (RFC 7541) that refer to the static table alone: a call has a few hundred
    /// bytes of them, and there is no state that could be out of step.
    /// </summary>
    internal sealed class HpackEncoder
    {
        private const string Secret = "authorization"; // never to be put into a table on the way
        private bool began;

        /// <summary>Appends the block of some headers; their texts are of ASCII.</summary>
        public void Encode(IReadOnlyList<Header> headers, Bytes into)
        {
            if (!began) into.Add(0x20); // our table has 0 bytes, whatever the peer would allow
            began = true;
            for (int i = 0; i < headers.Count; i++) Encode(headers[i], into);
        }

        private static void Encode(Header header, Bytes into)
        {
            int name = 0;
            Header[] known = HpackStaticTable.Headers;
            for (int i = 0; i < known.Length; i++)
            {
                if (known[i].Name != header.Name) continue;
                if (known[i].Value == header.Value && header.Value.Length > 0)
                {
                    Integer(into, 0x80, 7, i + 1);
                    return;
                }
                if (name == 0) name = i + 1;
            }
            Integer(into, header.Name == Secret ? 0x10 : 0, 4, name);
            if (name == 0) Text(into, header.Name);
            Text(into, header.Value);
        }

        private static void Integer(Bytes into, int pattern, int prefixBits, int value)
        {
            int most = (1 << prefixBits) - 1;
            if (value < most)
            {
                into.Add((byte)(pattern | value));
                return;
            }
            into.Add((byte)(pattern | most));
            for (value -= most; value >= 0x80; value >>= 7) into.Add((byte)(value | 0x80));
            into.Add((byte)value);
        }

        private static void Text(Bytes into, string text)
        {
            Integer(into, 0, 7, text.Length);
            foreach (char character in text) into.Add((byte)character);
        }
    }
}
