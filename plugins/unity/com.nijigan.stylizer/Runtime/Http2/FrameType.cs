namespace Nijigan.Http2
{
    /// <summary>Kinds of frames (RFC 9113, 6).</summary>
    internal static class FrameType
    {
        public const int Data = 0;
        public const int Headers = 1;
        public const int Priority = 2;
        public const int ResetStream = 3;
        public const int Settings = 4;
        public const int PushPromise = 5;
        public const int Ping = 6;
        public const int GoAway = 7;
        public const int WindowUpdate = 8;
        public const int Continuation = 9;
    }
}
