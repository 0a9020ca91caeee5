using Nijigan.Http2;

namespace Nijigan
{
    /// <summary>A connection, and where it leads.</summary>
    internal sealed class Link
    {
        public Link(Http2Connection connection, SidecarPlace place)
        {
            Connection = connection;
            Place = place;
        }

        public Http2Connection Connection { get; }

        public SidecarPlace Place { get; }
    }
}
