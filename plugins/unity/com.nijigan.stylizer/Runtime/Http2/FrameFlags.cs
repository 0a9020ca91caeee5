namespace Nijigan.Http2
{
    /// <summary>Flags of frames (RFC 9113, 6).</summary>
    internal static class FrameFlags
    {
        public const int Acknowledge = 0x1;
        public const int EndStream = 0x1;
        public const int EndHeaders = 0x4;
        public const int Padded = 0x8;
        public const int Priority = 0x20;
    }
}
