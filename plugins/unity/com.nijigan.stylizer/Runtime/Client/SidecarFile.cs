using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Nijigan
{
    /// <summary>What sidecar.json says: where the sidecar of this user is.</summary>
    internal sealed class SidecarFile
    {
        private readonly Dictionary<string, object> content;

        private SidecarFile(Dictionary<string, object> content)
        {
            this.content = content;
            Pid = (int)(double)content["pid"];
            Host = content.TryGetValue("host", out object host) ? (string)host : "127.0.0.1";
            Port = (int)(double)content["port"];
        }

        public static string Path => System.IO.Path.Combine(UserData.Folder, "sidecar.json");

        public int Pid { get; }

        public string Host { get; }

        public int Port { get; }

        /// <summary>Reads the file, which is another after each start. It may be of any age, so no more
        /// is read at first.</summary>
        /// <exception cref="SidecarNotRunningException">It is not there, or damaged.</exception>
        public static SidecarFile Read(string remedy = "Start it with: nijigan serve")
        {
            return Try(remedy, () => new SidecarFile((Dictionary<string, object>)Json.Parse(File.ReadAllText(Path, new UTF8Encoding(false, true)))));
        }

        /// <summary>Says where the sidecar is.</summary>
        /// <exception cref="SidecarNotRunningException">The file is damaged.</exception>
        /// <exception cref="IncompatibleException">The sidecar is of another age.</exception>
        public SidecarPlace ToPlace()
        {
            return Try("Start it with: nijigan serve", () =>
            {
                ApiLevel.Check((int)(double)content["api_level"], (string)content["version"]);
                bool tls = content.TryGetValue("tls", out object said) && said is bool && (bool)said;
                return new SidecarPlace(Host, Port, (string)content["token"], tls);
            });
        }

        private static T Try<T>(string remedy, Func<T> read)
        {
            try
            {
                return read();
            }
            catch (Exception error) when (IsDamage(error))
            {
                throw new SidecarNotRunningException($"No sidecar is running (nothing to read in {Path}).", remedy, inner: error);
            }
        }

        private static bool IsDamage(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException || error is FormatException
                || error is ArgumentException || error is InvalidCastException || error is KeyNotFoundException
                || error is NullReferenceException;
        }
    }
}
