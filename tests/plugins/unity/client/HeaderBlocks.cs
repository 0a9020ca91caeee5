using System.Collections.Generic;
using System.Linq;
using Nijigan.Http2;

namespace Nijigan.Tests
{
    /// <summary>The blocks of one connection, one after the other.</summary>
    internal sealed class HeaderBlocks
    {
        private const int MostBytes = 1 << 16;
        private readonly HpackDecoder decoder = new HpackDecoder(4096);
        private readonly HpackEncoder encoder = new HpackEncoder();

        /// <summary>Hex gives JSON: the headers, the table (the newest first) and its size. "limit
        /// HEX" has a decoder of its own, whose table has 256 bytes, as appendix C's responses.</summary>
        public string Decode(string line)
        {
            string[] words = line.Split(' ');
            HpackDecoder used = words.Length > 1 ? small : decoder;
            byte[] block = Lines.FromHex(words[words.Length - 1]);
            var headers = new List<Header>();
            bool whole = used.Decode(block, 0, block.Length, headers, MostBytes);
            return Lines.ToJson(new Dictionary<string, object>
            {
                { "headers", headers.Select(Pair) }, { "table", used.Table.Select(Pair) }, { "size", used.TableBytes }, { "whole", whole },
            });
        }

        private readonly HpackDecoder small = new HpackDecoder(256);

        /// <summary>A JSON array of pairs gives the hex of their block.</summary>
        public string Encode(string line)
        {
            var headers = ((List<object>)Json.Parse(line)).Cast<List<object>>().Select(pair => new Header((string)pair[0], (string)pair[1])).ToList();
            var block = new Bytes();
            encoder.Encode(headers, block);
            return Lines.ToHex(block.Array, block.Start, block.Count);
        }

        private static string[] Pair(Header header) => new[] { header.Name, header.Value };
    }
}
