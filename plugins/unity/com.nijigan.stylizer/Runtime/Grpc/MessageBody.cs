using System;
using Nijigan.Http2;
using Nijigan.Wire;

namespace Nijigan.Grpc
{
    /// <summary>
    /// What a call sends: messages, each with a picture in chunks after it or none. A picture's array
    /// is read where it is, and nothing is allocated for one more.
    /// </summary>
    internal sealed class MessageBody : IBody
    {
        /// <summary>Largest part of a picture in one message; sidecars take twice as much.</summary>
        public const int ChunkBytes = 1 << 20;

        private readonly object sync = new object();
        private readonly uint chunkTag;
        private readonly Action onSent;
        private readonly Writer message = new Writer();
        private readonly Bytes head = new Bytes(); // of the next chunk, or a message
        private byte[] data;
        private int at;
        private int chunkEnd;
        private int end;
        private bool sending;
        private bool telling;
        private bool completed;

        /// <summary>A body whose chunks are of the field with that tag.</summary>
        /// <param name="chunkTag">The tag; 0 where no pictures are sent.</param>
        /// <param name="onSent">Called, with the connection waiting, where Send was to tell.</param>
        public MessageBody(uint chunkTag = 0, Action onSent = null)
        {
            this.chunkTag = chunkTag;
            this.onSent = onSent;
        }

        public bool Ended
        {
            get
            {
                lock (sync) return completed && !sending;
            }
        }

        /// <summary>Adds messages. They may follow another that is not on its way yet, but for a
        /// picture.</summary>
        /// <param name="first">The message.</param>
        /// <param name="picture">The picture after it, or none.</param>
        /// <param name="tell">Whether to tell when all is on its way.</param>
        public void Send(Message first, Picture picture = default(Picture), bool tell = false)
        {
            lock (sync)
            {
                message.Clear();
                first.WriteTo(message);
                AddHead(0);
                data = picture.Bytes;
                at = chunkEnd = 0;
                end = picture.Count;
                sending = true;
                telling = tell;
            }
        }

        /// <summary>Says that nothing follows.</summary>
        public void Complete()
        {
            lock (sync) completed = true;
        }

        public int Read(byte[] into, int offset, int most)
        {
            lock (sync)
            {
                int count = 0;
                while (count < most && sending)
                {
                    if (head.Count > 0) count += head.Take(into, offset + count, most - count);
                    else if (at < chunkEnd) count += TakeData(into, offset + count, most - count);
                    else if (at < end) BeginChunk();
                    if (head.Count == 0 && at == end) EndSending();
                }
                return count;
            }
        }

        private int TakeData(byte[] into, int offset, int most)
        {
            int count = Math.Min(most, chunkEnd - at);
            Buffer.BlockCopy(data, at, into, offset, count);
            at += count;
            return count;
        }

        private void BeginChunk()
        {
            int count = Math.Min(ChunkBytes, end - at);
            chunkEnd = at + count;
            message.Clear();
            message.Head(chunkTag, count);
            AddHead(count);
        }

        /// <summary>Adds what was written, of a message that so many bytes follow in.</summary>
        private void AddHead(int more)
        {
            int size = message.Count + more;
            head.Add(0); // not compressed
            for (int shift = 24; shift >= 0; shift -= 8) head.Add((byte)(size >> shift));
            head.Add(message.Buffer, 0, message.Count);
        }

        private void EndSending()
        {
            sending = false;
            data = null;
            if (telling) onSent();
        }
    }
}
