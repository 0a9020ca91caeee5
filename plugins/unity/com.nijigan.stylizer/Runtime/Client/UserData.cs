using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace Nijigan
{
    /// <summary>Where nijigan keeps what belongs to one user; the same rule as the sidecar's own.</summary>
    internal static class UserData
    {
        /// <summary>The folder; it need not be there.</summary>
        public static string Folder
        {
            get
            {
                string named = Environment.GetEnvironmentVariable("NIJIGAN_HOME");
                if (!string.IsNullOrEmpty(named)) return named;
                if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
                    return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "nijigan");
                if (RuntimeInformation.IsOSPlatform(OSPlatform.OSX))
                    return Path.Combine(Home, "Library/Application Support/nijigan");
                return Path.Combine(RealHome() ?? Home, ".local/share/nijigan");
            }
        }

        private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        /// <summary>The home that Linux has for this user. $HOME is another in some sandboxes, and the
        /// sidecar must be found from there too.</summary>
        private static string RealHome()
        {
            try
            {
                string user = File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
                string entry = File.ReadLines("/etc/passwd").First(line => line.Split(':').ElementAtOrDefault(2) == user);
                return entry.Split(':')[5];
            }
            catch (Exception error) when (error is IOException || error is InvalidOperationException
                || error is IndexOutOfRangeException || error is UnauthorizedAccessException)
            {
                return null; // no Linux, or a user without an entry, as in containers
            }
        }
    }
}
