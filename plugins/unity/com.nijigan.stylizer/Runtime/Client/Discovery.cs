using System;
using System.Globalization;

namespace Nijigan
{
    /// <summary>Finds the sidecar.</summary>
    internal static class Discovery
    {
        private const string TlsPrefix = "tls://";

        /// <summary>Says where the sidecar of this user is.</summary>
        /// <exception cref="SidecarNotRunningException">There is none.</exception>
        /// <exception cref="IncompatibleException">It is of another age.</exception>
        public static SidecarPlace Find() => SidecarFile.Read().ToPlace();

        /// <summary>
        /// Says where an address is. The token is the one given, else $NIJIGAN_TOKEN, else that of this
        /// user's sidecar where it is the one; else there is none. "localhost" is the sidecar's own
        /// host then: it could stand for another, where another user may listen.
        /// </summary>
        /// <exception cref="ArgumentException">It is no address.</exception>
        public static SidecarPlace At(string address, string token)
        {
            SidecarPlace place = Parse(address);
            token = token ?? Environment.GetEnvironmentVariable("NIJIGAN_TOKEN");
            if (token == null)
            {
                SidecarPlace own = FindOrNull();
                if (own != null && own.Port == place.Port && (place.Host == own.Host || place.Host == "localhost")) return own;
            }
            return new SidecarPlace(place.Host, place.Port, token ?? "", place.Tls);
        }

        /// <summary>Takes an address apart.</summary>
        /// <exception cref="ArgumentException">It is none.</exception>
        public static SidecarPlace Parse(string address)
        {
            bool tls = address.StartsWith(TlsPrefix, StringComparison.Ordinal);
            string rest = tls ? address.Substring(TlsPrefix.Length) : address;
            int colon = rest.LastIndexOf(':');
            bool whole = int.TryParse(rest.Substring(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port);
            if (colon < 1 || !whole || port < 1 || port > 65535)
                throw new ArgumentException($"\"{address}\" is no address. Give host:port, such as 127.0.0.1:50051.", nameof(address));
            return new SidecarPlace(rest.Substring(0, colon).Trim('[', ']'), port, "", tls);
        }

        private static SidecarPlace FindOrNull()
        {
            try
            {
                return Find();
            }
            catch (StylizerException)
            {
                return null;
            }
        }
    }
}
