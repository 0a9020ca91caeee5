using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>Encryption of calls to a sidecar on another machine.</summary>
    internal static class Tls
    {
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
        private static readonly Regex Pem = new Regex("-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----");

        // Key usage, alternative names, basic constraints, extended key usage.
        private static readonly string[] Known = { "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37" };

        /// <summary>Encrypts, and checks that the server is the one that it says it is.</summary>
        /// <param name="plain">What is encrypted; disposed with the result, and where that fails.</param>
        /// <param name="host">Whom the certificate must name.</param>
        /// <param name="certificateAuthorityFile">PEM file of the roots that are trusted, or of the
        /// server's own certificate; null: $NIJIGAN_CA, else the roots that the system trusts.</param>
        /// <exception cref="AuthenticationException">It is not, or
        /// speaks no HTTP/2.</exception>
        /// <exception cref="StylizerException">The file has no certificate that can be read.</exception>
        public static async Task<Stream> EncryptAsync(Stream plain, string host, string certificateAuthorityFile)
        {
            string file = certificateAuthorityFile ?? Environment.GetEnvironmentVariable("NIJIGAN_CA");
            X509Certificate2Collection roots = string.IsNullOrEmpty(file) ? null : ReadPem(file);
            var encrypted = new SslStream(plain, false);
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ApplicationProtocols = new List<SslApplicationProtocol> { SslApplicationProtocol.Http2 },
                RemoteCertificateValidationCallback = (sender, certificate, chain, errors) => IsTrusted(certificate, host, chain, errors, roots),
            };
            try
            {
                Task greeting = encrypted.AuthenticateAsClientAsync(options, CancellationToken.None);
                await Connector.WithinAsync(greeting, Longest, encrypted).ConfigureAwait(false);
            }
            catch
            {
                encrypted.Dispose();
                throw;
            }
            return encrypted;
        }

        private static X509Certificate2Collection ReadPem(string file)
        {
            var roots = new X509Certificate2Collection();
            try
            {
                foreach (Match each in Pem.Matches(File.ReadAllText(file)))
                    roots.Add(new X509Certificate2(Convert.FromBase64String(each.Groups[1].Value)));
                if (roots.Count == 0) throw new FormatException("there is none");
                return roots;
            }
            catch (Exception error) when (IsOfFile(error))
            {
                throw new StylizerException(
                    $"{file}: no certificate can be read from it ({error.Message}).",
                    "Give a PEM file of the root that the sidecar's certificate is from.",
                    StatusCode.FailedPrecondition, "CERTIFICATE_FILE", inner: error);
            }
        }

        private static bool IsOfFile(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException || error is ArgumentException
                || error is NotSupportedException || error is FormatException || error is CryptographicException;
        }

        private static bool IsTrusted(X509Certificate certificate, string host, X509Chain sent, SslPolicyErrors errors, X509Certificate2Collection roots)
        {
            if (certificate == null || !CertificateNames.Has(new X509Certificate2(certificate), host)) return false;
            if (roots == null) return errors == SslPolicyErrors.None;
            if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
            return Has(roots, certificate.GetRawCertData()) || Has(roots, RootOf(certificate, sent, roots));
        }

        private static bool Has(X509Certificate2Collection certificates, byte[] content)
        {
            foreach (X509Certificate2 each in certificates)
                if (content != null && each.RawData.SequenceEqual(content)) return true;
            return false;
        }

        /// <summary>Returns the certificate that a whole and valid chain ends with, or null.</summary>
        private static byte[] RootOf(X509Certificate certificate, X509Chain sent, X509Certificate2Collection roots)
        {
            using (var chain = new X509Chain())
            {
                chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                chain.ChainPolicy.ExtraStore.AddRange(roots);
                foreach (X509ChainElement each in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(each.Certificate);
                try
                {
                    chain.Build(new X509Certificate2(certificate)); // says what is wrong with each, below
                }
                catch (NotSupportedException error) // Mono, of keys of elliptic curves
                {
                    throw new AuthenticationException(
                        $"the chain of its certificate cannot be checked here ({error.Message}): give a file with the certificate itself");
                }
                foreach (X509ChainElement each in chain.ChainElements)
                    if (!IsSound(each)) return null;
                return chain.ChainElements[chain.ChainElements.Count - 1].Certificate.RawData;
            }
        }

        private static bool IsSound(X509ChainElement element)
        {
            foreach (X509ChainStatus each in element.ChainElementStatus)
            {
                bool harmless = each.Status == X509ChainStatusFlags.NoError
                    || each.Status == X509ChainStatusFlags.UntrustedRoot // it is ours that are trusted
                    || (each.Status == X509ChainStatusFlags.InvalidExtension && KnowsAllCritical(element.Certificate));
                if (!harmless) return false;
            }
            return true;
        }

        /// <summary>Mono calls alternative names invalid where they are critical, though it checks them.</summary>
        private static bool KnowsAllCritical(X509Certificate2 certificate)
        {
            foreach (X509Extension each in certificate.Extensions)
                if (each.Critical && Array.IndexOf(Known, each.Oid.Value) < 0) return false;
            return true;
        }
    }
}
