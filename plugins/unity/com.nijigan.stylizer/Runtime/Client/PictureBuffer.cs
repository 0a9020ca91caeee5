using System;
using System.IO;

namespace Nijigan
{
    /// <summary>
    /// An array of the caller's that results are written to, again and again. It grows where a
    /// result is larger, so that in the end nothing is allocated.
    /// </summary>
    public sealed class PictureBuffer
    {
        private byte[] bytes;

        /// <summary>Makes a buffer.</summary>
        /// <param name="capacity">How many bytes it has at first; it grows by itself.</param>
        public PictureBuffer(int capacity = 0)
        {
            bytes = new byte[capacity];
        }

        /// <summary>The bytes, from the start of the array. Another array once it has grown.</summary>
        public byte[] Bytes => bytes;

        /// <summary>How many bytes of the array are the picture.</summary>
        public int Count { get; private set; }

        /// <summary>The picture that was written last; it is overwritten by the next one.</summary>
        public Picture Picture { get; private set; }

        internal void Clear()
        {
            Count = 0;
            Picture = default(Picture);
        }

        internal void Reserve(int capacity)
        {
            if (bytes.Length < capacity) Array.Resize(ref bytes, capacity);
        }

        internal void Append(byte[] from, int offset, int count)
        {
            if (Count + count > bytes.Length)
                Reserve((int)Math.Min(int.MaxValue - 64, Math.Max((long)Count + count, 2L * bytes.Length)));
            Buffer.BlockCopy(from, offset, bytes, Count, count);
            Count += count;
        }

        internal void ReadFrom(Stream file, int count)
        {
            Clear();
            Reserve(count);
            while (Count < count)
            {
                int got = file.Read(bytes, Count, count - Count);
                if (got == 0) throw new IOException("the result was cut short");
                Count += got;
            }
        }

        internal void Finish(int widthPx, int heightPx, PictureFormat format)
        {
            Picture = Picture.OfAnyKind(bytes, Count, widthPx, heightPx, format);
        }
    }
}
