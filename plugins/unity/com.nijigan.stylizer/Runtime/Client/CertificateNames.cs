using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Nijigan
{
    /// <summary>
    /// Whom a certificate names (RFC 6125): its alternative names, RFC 5280, 4.2.1.6. Mono checks
    /// them only where it has trusted the chain itself.
    /// </summary>
    internal static class CertificateNames
    {
        private const string AlternativeNames = "2.5.29.17";
        private const int Sequence = 0x30;
        private const int DnsName = 0x82;
        private const int IpAddress = 0x87;

        /// <summary>Whether a certificate names a host: a name, or an address.</summary>
        public static bool Has(X509Certificate2 certificate, string host)
        {
            X509Extension extension = certificate.Extensions[AlternativeNames];
            if (extension == null) return false;
            KeyValuePair<int, byte[]>[] names = Read(extension.RawData).Where(each => each.Key == Sequence).SelectMany(each => Read(each.Value)).ToArray();
            if (IPAddress.TryParse(host, out IPAddress address))
                return names.Any(each => each.Key == IpAddress && each.Value.SequenceEqual(address.GetAddressBytes()));
            return names.Any(each => each.Key == DnsName && Matches(Encoding.ASCII.GetString(each.Value), host));
        }

        /// <summary>Whether a name is the host's; "*." stands for one label.</summary>
        private static bool Matches(string name, string host)
        {
            host = host.TrimEnd('.');
            if (name.StartsWith("*.", StringComparison.Ordinal))
            {
                int dot = host.IndexOf('.');
                return dot > 0 && name.IndexOf('.', 2) > 0 && string.Equals(name.Substring(1), host.Substring(dot), StringComparison.OrdinalIgnoreCase);
            }
            return string.Equals(name, host, StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>Takes DER apart: tags, and what is in them. What is damaged ends it.</summary>
        private static IEnumerable<KeyValuePair<int, byte[]>> Read(byte[] der)
        {
            int at = 0;
            while (at + 2 <= der.Length)
            {
                int tag = der[at++];
                int size = der[at++];
                if (size >= 0x80)
                {
                    int bytes = size - 0x80;
                    if (bytes < 1 || bytes > 2 || bytes > der.Length - at) yield break;
                    for (size = 0; bytes > 0; bytes--) size = size << 8 | der[at++];
                }
                if (size > der.Length - at) yield break;
                yield return new KeyValuePair<int, byte[]>(tag, der.Skip(at).Take(size).ToArray());
                at += size;
            }
        }
    }
}
