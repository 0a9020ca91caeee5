namespace Nijigan
{
    /// <summary>Where a client finds the sidecar, and how it talks to it. Immutable.</summary>
    public sealed class ClientOptions
    {
        /// <summary>Makes options. What is left out is as for the sidecar of this user.</summary>
        /// <param name="address">"host:port", or "tls://host:port" where calls are encrypted; null:
        /// the sidecar that this user runs.</param>
        /// <param name="token">What the sidecar lets in; null: $NIJIGAN_TOKEN, else that of this
        /// user's sidecar where it has that address.</param>
        /// <param name="certificateAuthorityFile">PEM file of the root that the sidecar's
        /// certificate is from, or of that certificate; null: $NIJIGAN_CA, else the roots that the
        /// system trusts.</param>
        /// <param name="exchangeFiles">Whether pictures pass through files, which is faster: null
        /// for large ones where both sides can; true for all but encoded ones, and a call fails
        /// where they cannot; false never.</param>
        /// <param name="startCommand">What starts this user's sidecar where none is running, now or
        /// at a later call; see <see cref="Sidecar.StartAsync"/>. Null: nothing is started.</param>
        public ClientOptions(
            string address = null,
            string token = null,
            string certificateAuthorityFile = null,
            bool? exchangeFiles = null,
            string startCommand = null)
        {
            Address = address;
            Token = token;
            CertificateAuthorityFile = certificateAuthorityFile;
            ExchangeFiles = exchangeFiles;
            StartCommand = startCommand;
        }

        /// <summary>"host:port" or "tls://host:port"; null: the sidecar that this user runs.</summary>
        public string Address { get; }

        /// <summary>What the sidecar lets in; null: found out.</summary>
        public string Token { get; }

        /// <summary>PEM file of the root that the sidecar's certificate is from; null: found out.</summary>
        public string CertificateAuthorityFile { get; }

        /// <summary>Whether pictures pass through files; null: where it is faster.</summary>
        public bool? ExchangeFiles { get; }

        /// <summary>What starts this user's sidecar; null: nothing does.</summary>
        public string StartCommand { get; }
    }
}
