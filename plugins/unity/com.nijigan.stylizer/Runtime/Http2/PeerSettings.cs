namespace Nijigan.Http2
{
    /// <summary>What the peer allows (RFC 9113, 6.5.2); at first what is allowed without a word.</summary>
    internal sealed class PeerSettings
    {
        public const int HeaderTableSize = 1;
        public const int EnablePush = 2;
        public const int MaxConcurrentStreams = 3;
        public const int InitialWindowSize = 4;
        public const int MaxFrameSize = 5;
        public const int MaxHeaderListSize = 6;

        public const int FirstWindow = 65535;
        private const int LeastFrame = 1 << 14;
        private const int LargestFrame = (1 << 24) - 1;

        public int Window { get; private set; } = FirstWindow;

        public int Frame { get; private set; } = LeastFrame;

        public uint Streams { get; private set; } = uint.MaxValue;

        /// <summary>Takes one setting. Those that we have no use for are left out: our encoder has no
        /// table, and our headers are short.</summary>
        /// <exception cref="Http2Exception">The value is not allowed.</exception>
        public void Set(int number, uint value)
        {
            switch (number)
            {
                case EnablePush:
                    if (value != 0) throw new Http2Exception(Http2Error.ProtocolError, "it allows pushes, which only clients do");
                    break;
                case MaxConcurrentStreams:
                    Streams = value;
                    break;
                case InitialWindowSize:
                    if (value > int.MaxValue) throw new Http2Exception(Http2Error.FlowControlError, $"its window is {value}");
                    Window = (int)value;
                    break;
                case MaxFrameSize:
                    if (value < LeastFrame || value > LargestFrame)
                        throw new Http2Exception(Http2Error.ProtocolError, $"its frames have {value} bytes");
                    Frame = (int)value;
                    break;
            }
        }
    }
}
