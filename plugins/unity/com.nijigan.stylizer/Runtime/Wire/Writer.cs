using System;
using System.Text;

namespace Nijigan.Wire
{
    /// <summary>
    /// Writes fields of Protocol Buffers into an array that grows, and is used again.
    /// https://protobuf.dev/programming-guides/encoding/
    /// </summary>
    internal sealed class Writer
    {
        private static readonly Encoding Utf8 = new UTF8Encoding(false, true);
        private byte[] buffer = new byte[256];

        /// <summary>The array; what was written is from its start.</summary>
        public byte[] Buffer => buffer;

        /// <summary>How many bytes were written.</summary>
        public int Count { get; private set; }

        /// <summary>Whether a field of that value is left out; -0 is not.</summary>
        public static bool IsZero(float value) => new FloatBits { Value = value }.Bits == 0;

        /// <summary>Forgets what was written.</summary>
        public void Clear() => Count = 0;

        public byte[] ToArray()
        {
            var copy = new byte[Count];
            System.Buffer.BlockCopy(buffer, 0, copy, 0, Count);
            return copy;
        }

        public void Bool(uint tag, bool value) => UInt64(tag, value ? 1UL : 0UL);

        public void UInt32(uint tag, uint value) => UInt64(tag, value);

        public void UInt64(uint tag, ulong value)
        {
            Varint(tag);
            Varint(value);
        }

        /// <summary>Writes an enum's value; one below 0 takes ten bytes.</summary>
        public void Enum(uint tag, int value) => UInt64(tag, (ulong)(long)value);

        public void Float(uint tag, float value)
        {
            Varint(tag);
            uint bits = new FloatBits { Value = value }.Bits;
            Reserve(4);
            for (int shift = 0; shift < 32; shift += 8) buffer[Count++] = (byte)(bits >> shift);
        }

        public void String(uint tag, string value)
        {
            int size = Utf8.GetByteCount(value);
            Head(tag, size);
            Reserve(size);
            Count += Utf8.GetBytes(value, 0, value.Length, buffer, Count);
        }

        public void Bytes(uint tag, ArraySegment<byte> value)
        {
            Head(tag, value.Count);
            if (value.Count == 0) return;
            Reserve(value.Count);
            System.Buffer.BlockCopy(value.Array, value.Offset, buffer, Count, value.Count);
            Count += value.Count;
        }

        public void Message(uint tag, Message value)
        {
            Varint(tag);
            int start = Count;
            value.WriteTo(this);
            int size = Count - start;
            int head = VarintSize((ulong)size);
            Reserve(head);
            System.Buffer.BlockCopy(buffer, start, buffer, start + head, size);
            Count = start;
            Varint((ulong)size);
            Count += size;
        }

        /// <summary>Writes what stands before bytes that come from elsewhere.</summary>
        public void Head(uint tag, int size)
        {
            Varint(tag);
            Varint((ulong)size);
        }

        private static int VarintSize(ulong value)
        {
            int size = 1;
            while ((value >>= 7) != 0) size++;
            return size;
        }

        private void Varint(ulong value)
        {
            Reserve(10);
            while (value > 0x7F)
            {
                buffer[Count++] = (byte)(value | 0x80);
                value >>= 7;
            }
            buffer[Count++] = (byte)value;
        }

        private void Reserve(int more)
        {
            if (buffer.Length - Count < more)
                Array.Resize(ref buffer, Math.Max(Count + more, 2 * buffer.Length));
        }
    }
}
