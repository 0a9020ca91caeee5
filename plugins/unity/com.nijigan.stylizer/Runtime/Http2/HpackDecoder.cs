using System.Collections.Generic;
using System.Text;

namespace Nijigan.Http2
{
    /// <summary>
    /// Reads header blocks (RFC 7541), in the order in which they come: each may change the table that
    /// the next one refers to.
    /// </summary>
    internal sealed class HpackDecoder
    {
        private static readonly Encoding Latin1 = Encoding.GetEncoding("iso-8859-1");
        private readonly List<Header> table = new List<Header>(); // the newest last
        private readonly int mostTableBytes;
        private int tableLimit;
        private byte[] block;
        private int at;
        private int end;

        /// <summary>A decoder whose table may have that many bytes, as the settings tell the peer.</summary>
        public HpackDecoder(int mostTableBytes)
        {
            this.mostTableBytes = mostTableBytes;
            tableLimit = mostTableBytes;
        }

        /// <summary>The size of the table, as RFC 7541, 4.1 counts.</summary>
        public int TableBytes { get; private set; }

        /// <summary>The headers that were added to the table, the newest first.</summary>
        public IEnumerable<Header> Table
        {
            get
            {
                for (int i = table.Count - 1; i >= 0; i--) yield return table[i];
            }
        }

        /// <summary>Adds the headers of a block to a list.</summary>
        /// <returns>False where they are larger than that; the list has only some then.</returns>
        /// <exception cref="HpackException">The block is damaged; no other can be read after it.</exception>
        public bool Decode(byte[] from, int offset, int count, List<Header> into, int mostBytes)
        {
            block = from;
            at = offset;
            end = offset + count;
            bool mayResize = true;
            int size = 0;
            while (at < end)
            {
                if ((block[at] & 0xE0) == 0x20)
                {
                    if (!mayResize) throw new HpackException("The table is resized in the middle of a block.");
                    Resize(Integer(5));
                    continue;
                }
                mayResize = false;
                Header header = ReadHeader();
                size = System.Math.Min(size, mostBytes) + header.Size;
                if (size <= mostBytes) into.Add(header);
            }
            return size <= mostBytes;
        }

        private Header ReadHeader()
        {
            int first = block[at];
            if (first >= 0x80) return Indexed(Integer(7));
            bool added = first >= 0x40;
            int index = Integer(added ? 6 : 4);
            string name = index > 0 ? Indexed(index).Name : Text();
            var header = new Header(name, Text());
            if (added) Add(header);
            return header;
        }

        private Header Indexed(int index)
        {
            Header[] known = HpackStaticTable.Headers;
            if (index >= 1 && index <= known.Length) return known[index - 1];
            int age = index - known.Length - 1;
            if (age < 0 || age >= table.Count) throw new HpackException($"No header has the index {index}.");
            return table[table.Count - 1 - age];
        }

        private void Add(Header header)
        {
            table.Add(header);
            TableBytes += header.Size;
            Evict();
        }

        private void Resize(int limit)
        {
            if (limit > mostTableBytes) throw new HpackException($"The table is resized to {limit} bytes, more than may be.");
            tableLimit = limit;
            Evict();
        }

        private void Evict()
        {
            int gone = 0;
            while (TableBytes > tableLimit) TableBytes -= table[gone++].Size;
            table.RemoveRange(0, gone);
        }

        private int Integer(int prefixBits)
        {
            int most = (1 << prefixBits) - 1;
            long value = Byte() & most;
            if (value < most) return (int)value;
            for (int shift = 0; shift <= 28; shift += 7)
            {
                int next = Byte();
                value += (long)(next & 0x7F) << shift;
                if (value > int.MaxValue) break;
                if (next < 0x80) return (int)value;
            }
            throw new HpackException("A number is too large.");
        }

        private string Text()
        {
            bool coded = at < end && block[at] >= 0x80;
            int count = Integer(7);
            if (count > end - at) throw new HpackException("A text is cut off.");
            at += count;
            return coded ? HpackHuffman.Decode(block, at - count, count) : Latin1.GetString(block, at - count, count);
        }

        private int Byte()
        {
            if (at == end) throw new HpackException("The block is cut off.");
            return block[at++];
        }
    }
}
