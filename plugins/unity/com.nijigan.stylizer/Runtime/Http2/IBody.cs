namespace Nijigan.Http2
{
    /// <summary>What a stream sends, as it can be sent. Called by the connection, which waits meanwhile.</summary>
    internal interface IBody
    {
        /// <summary>Whether nothing will follow what was read.</summary>
        bool Ended { get; }

        /// <summary>Copies what is there to be sent, and returns how many bytes; 0 where there is
        /// nothing now.</summary>
        int Read(byte[] into, int offset, int most);
    }
}
