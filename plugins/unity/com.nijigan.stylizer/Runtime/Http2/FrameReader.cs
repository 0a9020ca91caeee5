using System;
using System.IO;

namespace Nijigan.Http2
{
    /// <summary>Cuts what a peer sends into frames (RFC 9113, 4.1).</summary>
    internal sealed class FrameReader
    {
        /// <summary>Largest payload that is taken, as our settings tell the peer.</summary>
        public const int MostPayload = 1 << 18;

        private const int HeadBytes = 9;
        private const int FirstBytes = 1 << 14;
        private const int MostBytes = 2 * (HeadBytes + MostPayload);
        private readonly Stream stream;
        private byte[] buffer = new byte[FirstBytes]; // grows where that many come at once
        private int start; // of the next frame
        private int end; // of what was received

        public FrameReader(Stream stream)
        {
            this.stream = stream;
        }

        public int Type { get; private set; }

        public int Flags { get; private set; }

        public int StreamId { get; private set; }

        /// <summary>The array that has the payload, until the next frame is read.</summary>
        public byte[] Payload => buffer;

        public int Offset { get; private set; }

        public int Count { get; private set; }

        public bool Has(int flag) => (Flags & flag) != 0;

        /// <summary>A number of 4 bytes of the payload, the highest first; its top bit is not part of
        /// stream numbers and windows.</summary>
        public int Int31(int at) => ReadInt(Offset + at) & int.MaxValue;

        /// <summary>A number of 4 bytes of the payload that may be larger than an int.</summary>
        public uint UInt32(int at) => (uint)ReadInt(Offset + at);

        public int UInt16(int at) => buffer[Offset + at] << 8 | buffer[Offset + at + 1];

        /// <summary>Waits for the next frame.</summary>
        /// <exception cref="EndOfStreamException">The peer has closed the connection.</exception>
        /// <exception cref="Http2Exception">The frame is larger than may be.</exception>
        public void Read()
        {
            Need(HeadBytes);
            Count = buffer[start] << 16 | buffer[start + 1] << 8 | buffer[start + 2];
            Type = buffer[start + 3];
            Flags = buffer[start + 4];
            StreamId = ReadInt(start + 5) & int.MaxValue;
            if (Count > MostPayload) throw new Http2Exception(Http2Error.FrameSizeError, $"it sent a frame of {Count} bytes");
            Need(HeadBytes + Count);
            Offset = start + HeadBytes;
            start = Offset + Count;
        }

        private void Need(int count)
        {
            if (end - start >= count) return;
            if (start + count > buffer.Length) Move(count);
            if (start == end) start = end = 0;
            while (end - start < count)
            {
                int got = stream.Read(buffer, end, buffer.Length - end);
                if (got <= 0) throw new EndOfStreamException("the other end closed it");
                end += got;
            }
        }

        /// <summary>Moves what was received to the start of the array, or of a larger one.</summary>
        private void Move(int count)
        {
            byte[] into = count > buffer.Length / 2 && buffer.Length < MostBytes ? new byte[Math.Min(MostBytes, Math.Max(4 * buffer.Length, count))] : buffer;
            Buffer.BlockCopy(buffer, start, into, 0, end - start);
            buffer = into;
            end -= start;
            start = 0;
        }

        private int ReadInt(int at) => buffer[at] << 24 | buffer[at + 1] << 16 | buffer[at + 2] << 8 | buffer[at + 3];
    }
}
