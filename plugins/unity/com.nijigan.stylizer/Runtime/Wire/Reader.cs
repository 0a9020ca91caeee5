using System;
using System.Text;

namespace Nijigan.Wire
{
    /// <summary>
    /// Reads fields of Protocol Buffers from part of an array.
    /// https://protobuf.dev/programming-guides/encoding/
    /// </summary>
    internal sealed class Reader
    {
        private const int VarintType = 0;
        private const int Fixed64Type = 1;
        private const int BytesType = 2;
        private const int Fixed32Type = 5;
        private static readonly Encoding Utf8 = new UTF8Encoding(false, true);
        private byte[] buffer;
        private int at;
        private int end;
        private string last = ""; // text that was read: it is often the same

        /// <summary>Number and wire type of the field that is read next; see Next.</summary>
        public uint Tag { get; private set; }

        /// <summary>Reads a message that is all of some bytes.</summary>
        /// <exception cref="WireException">They are cut off, or no message.</exception>
        public T Read<T>(T into, byte[] from, int offset, int count)
            where T : Message
        {
            buffer = from;
            at = offset;
            end = offset + count;
            into.ReadFrom(this);
            return into;
        }

        /// <summary>Goes to the next field; false at the end of the message.</summary>
        public bool Next()
        {
            if (at == end) return false;
            ulong tag = Varint();
            if (tag >> 3 == 0 || tag > uint.MaxValue) throw new WireException($"Field number {tag >> 3} at byte {at}.");
            Tag = (uint)tag;
            return true;
        }

        public bool Bool() => Varint() != 0;

        public uint UInt32() => (uint)Varint();

        public ulong UInt64() => Varint();

        public int Enum() => (int)Varint();

        public float Float()
        {
            int start = Take(4);
            uint bits = 0;
            for (int i = 3; i >= 0; i--) bits = bits << 8 | buffer[start + i];
            return new FloatBits { Bits = bits }.Value;
        }

        public string String()
        {
            int size = Size();
            int start = Take(size);
            if (IsLast(start, size)) return last;
            try
            {
                return last = Utf8.GetString(buffer, start, size);
            }
            catch (DecoderFallbackException)
            {
                throw new WireException($"A text at byte {start} is not UTF-8.");
            }
        }

        /// <summary>Returns a view of the bytes; they are not copied.</summary>
        public ArraySegment<byte> Bytes()
        {
            int size = Size();
            return new ArraySegment<byte>(buffer, Take(size), size);
        }

        public T Message<T>(T into)
            where T : Message
        {
            int size = Size();
            int outer = end;
            end = Take(size) + size;
            at = end - size;
            into.ReadFrom(this);
            end = outer;
            return into;
        }

        /// <summary>Leaves the field out, whatever it is.</summary>
        public void Skip()
        {
            switch (Tag & 7)
            {
                case VarintType:
                    Varint();
                    break;
                case Fixed64Type:
                    Take(8);
                    break;
                case BytesType:
                    Take(Size());
                    break;
                case Fixed32Type:
                    Take(4);
                    break;
                default:
                    throw new WireException($"Wire type {Tag & 7} at byte {at}.");
            }
        }

        private bool IsLast(int start, int size)
        {
            if (last.Length != size) return false;
            for (int i = 0; i < size; i++)
                if (buffer[start + i] != last[i] || last[i] > 0x7F) return false;
            return true;
        }

        private int Size()
        {
            ulong size = Varint();
            if (size > (ulong)(end - at)) throw new WireException($"Field {Tag >> 3} is cut off at byte {at}.");
            return (int)size;
        }

        private int Take(int count)
        {
            if (count > end - at) throw new WireException($"Field {Tag >> 3} is cut off at byte {at}.");
            at += count;
            return at - count;
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 70 && at < end; shift += 7)
            {
                byte next = buffer[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
            throw new WireException($"A number is cut off or too long at byte {at}.");
        }
    }
}
