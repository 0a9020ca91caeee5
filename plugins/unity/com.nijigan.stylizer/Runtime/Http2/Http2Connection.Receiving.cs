using System;
using System.Collections.Generic;
using System.Threading;

namespace Nijigan.Http2
{
    /// <content>The thread that reads.</content>
    internal sealed partial class Http2Connection
    {
        private const string Gone = "The sidecar is about to end.";
        private readonly FrameReader frames;
        private readonly HpackDecoder decoder = new HpackDecoder(HeaderTableBytes);
        private readonly List<Header> headers = new List<Header>();
        private readonly Bytes received = new Bytes(); // the block of headers that is coming
        private FlowWindow receiveWindow;
        private long framesHeard;
        private int uncredited;
        private int headersOf; // the stream whose block is coming; 0: none
        private bool headersEndStream;

        private void Receive()
        {
            try
            {
                ReceiveGreeting();
                while (true)
                {
                    frames.Read();
                    Interlocked.Increment(ref framesHeard);
                    Handle();
                }
            }
            catch (Http2Exception error)
            {
                End(error.Message, error.Error);
            }
            catch (HpackException error)
            {
                End(error.Message, Http2Error.CompressionError);
            }
            catch (Exception error) // of the socket; or ours, and nobody must wait for ever
            {
                End(error.Message, Http2Error.NoError);
            }
        }

        private void ReceiveGreeting()
        {
            frames.Read();
            if (frames.Type != FrameType.Settings || frames.Has(FrameFlags.Acknowledge))
                throw new Http2Exception(Http2Error.ProtocolError, "it does not speak HTTP/2");
            Handle();
            greeting.TrySetResult(true);
        }

        private void Handle()
        {
            bool goesOn = frames.Type == FrameType.Continuation;
            if (headersOf != 0 ? !goesOn || frames.StreamId != headersOf : goesOn)
                throw Broken("headers are interrupted");
            switch (frames.Type)
            {
                case FrameType.Data:
                    HandleData();
                    break;
                case FrameType.Headers:
                    HandleHeaders();
                    break;
                case FrameType.Continuation:
                    AddToBlock(frames.Offset, frames.Count);
                    break;
                case FrameType.Priority:
                    NeedStream(true);
                    break;
                case FrameType.ResetStream:
                    HandleReset();
                    break;
                case FrameType.Settings:
                    HandleSettings();
                    break;
                case FrameType.PushPromise:
                    throw Broken("it pushes, which was not allowed");
                case FrameType.Ping:
                    HandlePing();
                    break;
                case FrameType.GoAway:
                    HandleGoAway();
                    break;
                case FrameType.WindowUpdate:
                    HandleWindowUpdate();
                    break;
            }
        }

        private void HandleData()
        {
            NeedStream(true);
            int offset = frames.Offset;
            int count = frames.Count;
            Unpad(ref offset, ref count);
            Http2Stream to;
            lock (gate)
            {
                receiveWindow.Take(frames.Count);
                if (receiveWindow.Left < 0) throw new Http2Exception(Http2Error.FlowControlError, "it sent more than the window");
                CreditConnection(frames.Count);
                to = Find();
                if (to == null) return;
                to.ReceiveWindow.Take(frames.Count);
                if (to.ReceiveWindow.Left < 0 || !to.HeadersCame)
                {
                    Close(to, to.HeadersCame ? Http2Error.FlowControlError : Http2Error.ProtocolError);
                    count = -1;
                }
            }
            if (count < 0)
            {
                to.Events.OnFailure("The sidecar sent what it may not.", "Retry.");
                return;
            }
            if (count < frames.Count) Credit(to, frames.Count - count);
            if (count > 0) to.Events.OnData(frames.Payload, offset, count);
            if (frames.Has(FrameFlags.EndStream)) HandleEnd(to);
        }

        private void CreditConnection(int count)
        {
            uncredited += count;
            if (uncredited < ConnectionWindow / 4) return;
            receiveWindow.TryAdd(uncredited);
            FrameWriter.WindowUpdate(control, 0, uncredited);
            uncredited = 0;
            Monitor.Pulse(gate);
        }

        private void HandleHeaders()
        {
            NeedStream(true);
            int offset = frames.Offset;
            int count = frames.Count;
            Unpad(ref offset, ref count);
            if (frames.Has(FrameFlags.Priority))
            {
                offset += 5;
                count -= 5;
                if (count < 0) throw new Http2Exception(Http2Error.FrameSizeError, "headers are cut off");
            }
            headersOf = frames.StreamId;
            headersEndStream = frames.Has(FrameFlags.EndStream);
            AddToBlock(offset, count);
        }

        private void AddToBlock(int offset, int count)
        {
            if (received.Count + count > MostHeaderBytes)
                throw new Http2Exception(Http2Error.EnhanceYourCalm, $"it sent headers of more than {MostHeaderBytes} bytes");
            received.Add(frames.Payload, offset, count);
            if (!frames.Has(FrameFlags.EndHeaders)) return;
            headers.Clear();
            bool whole = decoder.Decode(received.Array, received.Start, received.Count, headers, MostHeaderBytes);
            received.Clear();
            headersOf = 0;
            Http2Stream to;
            lock (gate) to = Find();
            if (to != null) HandleBlock(to, whole);
        }

        private void HandleBlock(Http2Stream to, bool whole)
        {
            if (whole && IsInformational() && !headersEndStream && !to.HeadersCame) return;
            bool allowed = whole && !to.TrailersCame && (!to.HeadersCame || headersEndStream);
            to.TrailersCame = to.HeadersCame;
            to.HeadersCame = true;
            if (!allowed)
            {
                lock (gate) Close(to, Http2Error.ProtocolError);
                string fact = whole ? "The sidecar sent headers amid its answer." : $"The sidecar sent headers of more than {MostHeaderBytes} bytes.";
                to.Events.OnFailure(fact, "Retry.");
                return;
            }
            to.Events.OnHeaders(headers);
            if (headersEndStream) HandleEnd(to);
        }

        private bool IsInformational()
        {
            foreach (Header each in headers)
                if (each.Name == ":status") return each.Value.StartsWith("1", StringComparison.Ordinal);
            return false;
        }

        /// <summary>The peer has said all. Where we have not, it does not want to hear it.</summary>
        private void HandleEnd(Http2Stream ended)
        {
            lock (gate)
            {
                if (ended.Closed) return;
                if (!ended.BodySent)
                {
                    Close(ended, Http2Error.Cancel);
                }
                else
                {
                    ended.Closed = true;
                    streams.Remove(ended.Id);
                    OpenWaiting();
                }
            }
            ended.Events.OnEnd();
            EndIfIdle();
        }

        private void HandleReset()
        {
            NeedStream(true);
            NeedSize(4);
            Http2Stream ended;
            lock (gate)
            {
                ended = Find();
                if (ended == null) return;
                ended.Closed = true;
                streams.Remove(ended.Id);
                senders.Remove(ended);
                OpenWaiting();
            }
            ended.Events.OnFailure($"The call broke off (HTTP/2 error {frames.UInt32(0)}).", "Retry.");
            EndIfIdle();
        }

        private void HandleSettings()
        {
            NeedStream(false);
            bool acknowledged = frames.Has(FrameFlags.Acknowledge);
            if (frames.Count % 6 != 0 || (acknowledged && frames.Count > 0))
                throw new Http2Exception(Http2Error.FrameSizeError, "settings are cut off");
            if (acknowledged) return;
            lock (gate)
            {
                int before = peer.Window;
                for (int i = 0; i < frames.Count; i += 6) peer.Set(frames.UInt16(i), frames.UInt32(i + 2));
                foreach (Http2Stream each in streams.Values)
                    if (!each.SendWindow.TryAdd(peer.Window - before)) throw Overflow();
                Answer(() => FrameWriter.SettingsAcknowledged(control));
                OpenWaiting();
            }
        }

        private void HandlePing()
        {
            NeedStream(false);
            NeedSize(8);
            if (frames.Has(FrameFlags.Acknowledge)) return;
            lock (gate) Answer(() => FrameWriter.PingAcknowledged(control, frames.Payload, frames.Offset));
        }

        private void Answer(Action write)
        {
            if (control.Count > MostControlBytes)
                throw new Http2Exception(Http2Error.EnhanceYourCalm, "it asks, and does not read the answers");
            write();
            Monitor.Pulse(gate);
        }

        private void HandleGoAway()
        {
            NeedStream(false);
            if (frames.Count < 8) throw new Http2Exception(Http2Error.FrameSizeError, "a goodbye is cut off");
            List<Http2Stream> ended;
            lock (gate) ended = Refuse(Gone, "Retry.", after: frames.Int31(0));
            Tell(ended, Gone, "Retry.");
            EndIfIdle();
        }

        private void HandleWindowUpdate()
        {
            NeedSize(4);
            int increment = frames.Int31(0);
            lock (gate)
            {
                if (frames.StreamId == 0)
                {
                    if (increment == 0) throw Broken("it widens a window by nothing");
                    if (!sendWindow.TryAdd(increment)) throw Overflow();
                }
                else
                {
                    Http2Stream widened = Find();
                    if (widened == null) return;
                    if (increment == 0) throw Broken("it widens a window by nothing");
                    if (!widened.SendWindow.TryAdd(increment)) throw Overflow();
                }
                Monitor.Pulse(gate);
            }
        }

        /// <summary>Returns the frame's stream; null where it is over.</summary>
        private Http2Stream Find()
        {
            if (frames.StreamId % 2 == 0 || frames.StreamId >= nextId) throw Broken("it speaks on a stream that nobody opened");
            streams.TryGetValue(frames.StreamId, out Http2Stream found);
            return found;
        }

        private void Unpad(ref int offset, ref int count)
        {
            if (!frames.Has(FrameFlags.Padded)) return;
            int padding = count > 0 ? frames.Payload[offset] : 0;
            if (padding + 1 > count) throw Broken("a frame is all padding");
            offset += 1;
            count -= padding + 1;
        }

        private void NeedStream(bool needed)
        {
            if (frames.StreamId != 0 != needed) throw Broken($"a frame of the kind {frames.Type} has the stream {frames.StreamId}");
        }

        private void NeedSize(int size)
        {
            if (frames.Count != size) throw new Http2Exception(Http2Error.FrameSizeError, $"a frame of the kind {frames.Type} has {frames.Count} bytes");
        }

        private static Http2Exception Broken(string what) => new Http2Exception(Http2Error.ProtocolError, what);

        private static Http2Exception Overflow() => new Http2Exception(Http2Error.FlowControlError, "a window overflows");
    }
}
