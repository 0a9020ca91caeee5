using System.Collections.Generic;

namespace Nijigan.Http2
{
    /// <summary>What a stream tells, one after the other. It must return soon: other streams wait.</summary>
    internal interface IStreamEvents
    {
        /// <summary>Headers or trailers came. The list is used again.</summary>
        void OnHeaders(IReadOnlyList<Header> headers);

        /// <summary>Bytes came. They are to be copied, and given back by Credit once there is room
        /// for others.</summary>
        void OnData(byte[] buffer, int offset, int count);

        /// <summary>The peer has said all.</summary>
        void OnEnd();

        /// <summary>The stream broke off; what the fact and the remedy are, for people.</summary>
        void OnFailure(string fact, string remedy);
    }
}
