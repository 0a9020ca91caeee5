using System;

namespace Nijigan.Http2
{
    /// <summary>Writes frames (RFC 9113, 6).</summary>
    internal static class FrameWriter
    {
        public const int HeadBytes = 9;

        /// <summary>Writes what stands before a payload.</summary>
        public static void WriteHead(byte[] into, int at, int count, int type, int flags, int stream)
        {
            into[at] = (byte)(count >> 16);
            into[at + 1] = (byte)(count >> 8);
            into[at + 2] = (byte)count;
            into[at + 3] = (byte)type;
            into[at + 4] = (byte)flags;
            WriteInt(into, at + 5, stream);
        }

        public static void Settings(Bytes into, params int[] numbersAndValues)
        {
            Head(into, numbersAndValues.Length * 3, FrameType.Settings, 0, 0);
            for (int i = 0; i < numbersAndValues.Length; i += 2)
            {
                into.Add((byte)(numbersAndValues[i] >> 8));
                into.Add((byte)numbersAndValues[i]);
                Int(into, numbersAndValues[i + 1]);
            }
        }

        public static void SettingsAcknowledged(Bytes into)
        {
            Head(into, 0, FrameType.Settings, FrameFlags.Acknowledge, 0);
        }

        public static void PingAcknowledged(Bytes into, byte[] payload, int offset)
        {
            Head(into, 8, FrameType.Ping, FrameFlags.Acknowledge, 0);
            into.Add(payload, offset, 8);
        }

        public static void WindowUpdate(Bytes into, int stream, int increment)
        {
            Head(into, 4, FrameType.WindowUpdate, 0, stream);
            Int(into, increment);
        }

        public static void ResetStream(Bytes into, int stream, Http2Error error)
        {
            Head(into, 4, FrameType.ResetStream, 0, stream);
            Int(into, (int)error);
        }

        public static void GoAway(Bytes into, Http2Error error)
        {
            Head(into, 8, FrameType.GoAway, 0, 0);
            Int(into, 0);
            Int(into, (int)error);
        }

        /// <summary>Writes a block of headers, in as many frames as it takes.</summary>
        public static void Headers(Bytes into, int stream, Bytes block, int mostPayload)
        {
            int type = FrameType.Headers;
            do
            {
                int count = Math.Min(block.Count, mostPayload);
                Head(into, count, type, count == block.Count ? FrameFlags.EndHeaders : 0, stream);
                into.Add(block.Array, block.Start, count);
                block.Drop(count);
                type = FrameType.Continuation;
            }
            while (block.Count > 0);
        }

        private static void Head(Bytes into, int count, int type, int flags, int stream)
        {
            into.Add((byte)(count >> 16));
            into.Add((byte)(count >> 8));
            into.Add((byte)count);
            into.Add((byte)type);
            into.Add((byte)flags);
            Int(into, stream);
        }

        private static void Int(Bytes into, int value)
        {
            for (int shift = 24; shift >= 0; shift -= 8) into.Add((byte)(value >> shift));
        }

        private static void WriteInt(byte[] into, int at, int value)
        {
            for (int shift = 24; shift >= 0; shift -= 8) into[at++] = (byte)(value >> shift);
        }
    }
}
