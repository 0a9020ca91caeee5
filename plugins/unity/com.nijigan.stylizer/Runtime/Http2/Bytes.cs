using System;

namespace Nijigan.Http2
{
    /// <summary>Bytes that are added at the end and taken from the start; the array is used again.</summary>
    internal sealed class Bytes
    {
        private byte[] array;
        private int start;

        public Bytes(int capacity = 256)
        {
            array = new byte[capacity];
        }

        /// <summary>The array that has them, from Start on.</summary>
        public byte[] Array => array;

        public int Start => start;

        public int Count { get; private set; }

        public void Add(byte value)
        {
            Reserve(1);
            array[start + Count++] = value;
        }

        public void Add(byte[] from, int offset, int count)
        {
            Reserve(count);
            Buffer.BlockCopy(from, offset, array, start + Count, count);
            Count += count;
        }

        /// <summary>Copies up to so many bytes from the start, and takes them away.</summary>
        public int Take(byte[] into, int offset, int most)
        {
            int count = Math.Min(most, Count);
            Buffer.BlockCopy(array, start, into, offset, count);
            Drop(count);
            return count;
        }

        /// <summary>Takes bytes away from the start.</summary>
        public void Drop(int count)
        {
            start += count;
            Count -= count;
            if (Count == 0) start = 0;
        }

        public void Clear() => Drop(Count);

        /// <summary>Makes room for so many more bytes, at the cost of one move.</summary>
        public void Reserve(int more)
        {
            if (array.Length - start - Count >= more) return;
            byte[] into = Count + (long)more > array.Length
                ? new byte[Math.Max(Count + more, 2 * array.Length)]
                : array;
            Buffer.BlockCopy(array, start, into, 0, Count);
            array = into;
            start = 0;
        }
    }
}
