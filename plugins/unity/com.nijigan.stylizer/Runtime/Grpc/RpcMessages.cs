using System;
using System.Collections.Generic;
using Nijigan.Wire;

namespace Nijigan.Grpc
{
    // What is read of google/rpc/status.proto, google/rpc/error_details.proto, google/protobuf/any.proto
    // and google/protobuf/duration.proto.

    internal abstract class RpcMessage : Message
    {
        public override void WriteTo(Writer writer) => throw new NotSupportedException();

        public override void Clear() => throw new NotSupportedException();

        public override void ReadFrom(Reader reader)
        {
            while (reader.Next())
                if (!ReadField(reader)) reader.Skip();
        }

        /// <summary>Reads the field whose tag was read; false where it is not known.</summary>
        protected abstract bool ReadField(Reader reader);
    }

    internal sealed class RpcStatus : RpcMessage
    {
        public readonly List<RpcAny> Details = new List<RpcAny>();

        protected override bool ReadField(Reader reader)
        {
            if (reader.Tag != (3 << 3 | 2)) return false;
            Details.Add(reader.Message(new RpcAny()));
            return true;
        }
    }

    internal sealed class RpcAny : RpcMessage
    {
        public string TypeUrl = "";
        public ArraySegment<byte> Value;

        protected override bool ReadField(Reader reader)
        {
            if (reader.Tag == (1 << 3 | 2)) TypeUrl = reader.String();
            else if (reader.Tag == (2 << 3 | 2)) Value = reader.Bytes();
            else return false;
            return true;
        }
    }

    internal sealed class RpcErrorInfo : RpcMessage
    {
        public string Reason = "";
        public string Domain = "";
        public readonly List<RpcEntry> Metadata = new List<RpcEntry>();

        protected override bool ReadField(Reader reader)
        {
            if (reader.Tag == (1 << 3 | 2)) Reason = reader.String();
            else if (reader.Tag == (2 << 3 | 2)) Domain = reader.String();
            else if (reader.Tag == (3 << 3 | 2)) Metadata.Add(reader.Message(new RpcEntry()));
            else return false;
            return true;
        }
    }

    internal sealed class RpcEntry : RpcMessage
    {
        public string Key = "";
        public string Value = "";

        protected override bool ReadField(Reader reader)
        {
            if (reader.Tag == (1 << 3 | 2)) Key = reader.String();
            else if (reader.Tag == (2 << 3 | 2)) Value = reader.String();
            else return false;
            return true;
        }
    }

    internal sealed class RpcRetryInfo : RpcMessage
    {
        private const ulong MostSeconds = 366UL * 24 * 3600;
        private readonly RpcDuration delay = new RpcDuration();

        public TimeSpan Delay => TimeSpan.FromSeconds(Math.Min(delay.Seconds, MostSeconds) + delay.Nanos / 1e9);

        protected override bool ReadField(Reader reader)
        {
            if (reader.Tag != (1 << 3 | 2)) return false;
            reader.Message(delay);
            return true;
        }
    }

    internal sealed class RpcDuration : RpcMessage
    {
        public ulong Seconds;
        public uint Nanos;

        protected override bool ReadField(Reader reader)
        {
            if (reader.Tag == 1 << 3) Seconds = reader.UInt64();
            else if (reader.Tag == 2 << 3) Nanos = reader.UInt32();
            else return false;
            return true;
        }
    }
}
