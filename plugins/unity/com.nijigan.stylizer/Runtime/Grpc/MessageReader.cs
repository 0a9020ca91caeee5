using Nijigan.Http2;

namespace Nijigan.Grpc
{
    /// <summary>Cuts what a call receives into messages.</summary>
    internal sealed class MessageReader
    {
        /// <summary>Largest message that is taken: as much as gRPC's own clients take.</summary>
        public const int MostBytes = 4 << 20;

        private const int PrefixBytes = 5;
        private readonly Bytes received = new Bytes();

        /// <summary>The array that has the message.</summary>
        public byte[] Array => received.Array;

        /// <summary>Where the message begins.</summary>
        public int Offset => received.Start + PrefixBytes;

        /// <summary>The message's size.</summary>
        public int Count { get; private set; }

        public void Add(byte[] from, int offset, int count) => received.Add(from, offset, count);

        /// <summary>Whether a message is there, whole.</summary>
        /// <exception cref="StylizerException">It is one that cannot be taken.</exception>
        public bool Has()
        {
            if (received.Count < PrefixBytes) return false;
            int at = received.Start;
            if (received.Array[at] != 0) throw Refused("The sidecar sent a compressed message, which was not asked for.");
            uint size = SizeAt(at);
            if (size > MostBytes) throw Refused($"The sidecar sent a message of {size} bytes; {MostBytes} are taken.");
            Count = (int)size;
            int missing = PrefixBytes + Count - received.Count;
            if (missing > 0) received.Reserve(missing);
            return missing <= 0;
        }

        /// <summary>Whether what is there ends in the middle of a message.</summary>
        public bool EndsAmidMessage()
        {
            int at = 0;
            while (received.Count - at >= PrefixBytes)
            {
                long next = at + PrefixBytes + (long)SizeAt(received.Start + at);
                if (next > received.Count) return true;
                at = (int)next;
            }
            return at < received.Count;
        }

        /// <summary>Goes on after the message, and returns how many bytes it was.</summary>
        public int Next()
        {
            received.Drop(PrefixBytes + Count);
            return PrefixBytes + Count;
        }

        private uint SizeAt(int at)
        {
            byte[] from = received.Array;
            return (uint)(from[at + 1] << 24 | from[at + 2] << 16 | from[at + 3] << 8 | from[at + 4]);
        }

        private static StylizerException Refused(string fact)
        {
            return new StylizerException(fact, "Update the older of sidecar and client.", StatusCode.Internal);
        }
    }
}
