using System.Text;

namespace Nijigan.Http2
{
    /// <summary>
    /// The Huffman code of RFC 7541, appendix B. It is canonical: codes of one length follow each
    /// other in the order of their symbols, and the lengths say all.
    /// </summary>
    internal static class HpackHuffman
    {
        private const int EndOfString = 256;
        private const int Longest = 30;
        private const int MostPaddingBits = 7;

        private static readonly byte[] Lengths =
        {
            13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
            28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
            6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
            5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
            13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
            7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
            15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
            6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
            20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
            24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
            22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
            21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
            26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
            19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
            20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
            26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
            30,
        };

        private static readonly int[] Symbols = new int[Lengths.Length];
        private static readonly int[] FirstCode = new int[Longest + 2];
        private static readonly int[] FirstIndex = new int[Longest + 2];

        static HpackHuffman()
        {
            int code = 0;
            int index = 0;
            for (int length = 1; length <= Longest; length++)
            {
                FirstCode[length] = code;
                FirstIndex[length] = index;
                for (int symbol = 0; symbol < Lengths.Length; symbol++)
                    if (Lengths[symbol] == length) Symbols[index++] = symbol;
                code = (code + index - FirstIndex[length]) << 1;
            }
            FirstIndex[Longest + 1] = index;
        }

        /// <summary>Returns the text of coded bytes, a character for each byte of it.</summary>
        /// <exception cref="HpackException">They end in the middle of a symbol.</exception>
        public static string Decode(byte[] data, int offset, int count)
        {
            var text = new StringBuilder(count * 8 / 5);
            int code = 0;
            int length = 0;
            for (int bit = 0; bit < count * 8; bit++)
            {
                code = code << 1 | data[offset + bit / 8] >> (7 - bit % 8) & 1;
                length++;
                int index = FirstIndex[length] + code - FirstCode[length];
                if (index < FirstIndex[length + 1])
                {
                    if (Symbols[index] == EndOfString) throw new HpackException("A text has an end in its middle.");
                    text.Append((char)Symbols[index]);
                    code = 0;
                    length = 0;
                }
                else if (length == Longest)
                {
                    throw new HpackException("A text has a code that there is not.");
                }
            }
            if (length > MostPaddingBits || code != (1 << length) - 1) throw new HpackException("A text is not padded with ones.");
            return text.ToString();
        }
    }
}
