namespace Nijigan.Http2
{
    /// <summary>One stream of a connection, whose lock guards it.</summary>
    internal sealed class Http2Stream
    {
        public readonly IStreamEvents Events;
        public readonly IBody Body;

        /// <summary>0 until it is opened.</summary>
        public int Id;
        public FlowWindow SendWindow;
        public FlowWindow ReceiveWindow;

        /// <summary>Bytes that were given back, but not told to the peer yet.</summary>
        public int Uncredited;
        public bool HeadersCame;
        public bool TrailersCame;
        public bool BodySent;
        public bool Closed;

        public Http2Stream(IStreamEvents events, IBody body)
        {
            Events = events;
            Body = body;
        }
    }
}
