namespace Nijigan
{
    /// <summary>Where a sidecar listens, the token that it wants, and whether calls are encrypted.</summary>
    internal sealed class SidecarPlace
    {
        public SidecarPlace(string host, int port, string token, bool tls)
        {
            Host = host;
            Port = port;
            Token = token;
            Tls = tls;
        }

        public string Host { get; }

        public int Port { get; }

        public string Token { get; }

        public bool Tls { get; }

        /// <summary>"host:port"</summary>
        public string Address => Host.Contains(":") ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
    }
}
