using System;
using System.Collections.Generic;
using System.Threading;

namespace Nijigan.Http2
{
    /// <content>The thread that writes.</content>
    internal sealed partial class Http2Connection
    {
        private const int OutputBytes = 1 << 17;
        private const int LeastPiece = 1 << 10; // a smaller one waits for the next write
        private const int MostControlBytes = 1 << 20; // of a peer that asks for answers and reads none

        private readonly Bytes control = new Bytes(); // frames that flow control does not hold up
        private readonly Bytes block = new Bytes();
        private readonly HpackEncoder encoder = new HpackEncoder();
        private readonly List<Http2Stream> senders = new List<Http2Stream>();
        private readonly byte[] output = new byte[OutputBytes];
        private FlowWindow sendWindow;
        private int turn; // of the senders, who goes next

        private void Send()
        {
            try
            {
                for (int count = NextOutput(); count > 0; count = NextOutput()) stream.Write(output, 0, count);
            }
            catch (Exception error) // of the socket; or ours, and nobody must wait for ever
            {
                End(error.Message, Http2Error.NoError);
            }
            lock (gate) goodbye.Dispose();
            stream.Dispose();
        }

        /// <summary>Waits until there is something to be written; 0 when all is over.</summary>
        private int NextOutput()
        {
            lock (gate)
            {
                while (true)
                {
                    int count = control.Take(output, 0, OutputBytes);
                    if (closed) return count;
                    if (control.Count == 0) count += TakeData(count);
                    if (count > 0) return count;
                    Monitor.Wait(gate);
                }
            }
        }

        /// <summary>Fills the output with frames of data, the streams in turn.</summary>
        private int TakeData(int start)
        {
            int at = start;
            int idle = 0; // senders in a row that had nothing, or whose window is full
            while (senders.Count > idle && OutputBytes - at >= LeastPiece)
            {
                turn %= senders.Count;
                Http2Stream next = senders[turn];
                int taken = TakeFrame(next, at);
                at += taken;
                idle = taken > 0 ? 0 : idle + 1;
                if (next.BodySent) senders.RemoveAt(turn);
                else turn++;
            }
            return at - start;
        }

        private int TakeFrame(Http2Stream from, int at)
        {
            int most = Math.Min(Math.Min(from.SendWindow.Left, sendWindow.Left), peer.Frame);
            most = Math.Max(0, Math.Min(most, OutputBytes - at - FrameWriter.HeadBytes));
            int count = from.Body.Read(output, at + FrameWriter.HeadBytes, most);
            from.BodySent = from.Body.Ended;
            if (count == 0 && !from.BodySent) return 0;
            from.SendWindow.Take(count);
            sendWindow.Take(count);
            int flags = from.BodySent ? FrameFlags.EndStream : 0;
            FrameWriter.WriteHead(output, at, count, FrameType.Data, flags, from.Id);
            return FrameWriter.HeadBytes + count;
        }
    }
}
