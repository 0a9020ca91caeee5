using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Nijigan;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>What somebody who wants to help needs to know, as text without secrets.</summary>
    internal static class Diagnostics
    {
        private const int LogLines = 15;
        private const int LogBytes = 1 << 14;

        /// <summary>The sidecar's log; it need not be there.</summary>
        public static string LogPath => Path.Combine(UserData.Folder, "logs", "sidecar.log");

        /// <summary>Describes how things stand. The token, pixels and environment variables are not in it.</summary>
        /// <param name="watch">What knows.</param>
        /// <returns>Lines of text.</returns>
        public static string Of(SidecarWatch watch)
        {
            SidecarCondition condition = watch.Condition;
            var lines = new List<string>
            {
                $"com.nijigan.stylizer in Unity {Application.unityVersion}, {Application.platform}, {Environment.OSVersion}",
                $"sidecar: {condition.State}: {condition.Line}",
                condition.Info == null
                    ? "version ?"
                    : $"version {condition.Info.Version}, engines {string.Join(", ", condition.Info.Engines)}",
                $"styles: {string.Join(", ", condition.Styles.Select(style => style.Name))}",
                $"command: {(watch.Command.Length > 0 ? watch.Command : "what is found")}",
                SidecarFileWithoutToken(),
            };
            lines.AddRange(watch.Errors.Select(error => "error: " + error));
            lines.Add("log:");
            lines.AddRange(EndOfLog());
            return string.Join("\n", lines) + "\n";
        }

        /// <summary>Where the sidecar of this user listens.</summary>
        /// <returns>"host:port"; "" where that is not known.</returns>
        public static string Address()
        {
            try
            {
                SidecarFile file = SidecarFile.Read();
                return $"{file.Host}:{file.Port}";
            }
            catch (StylizerException)
            {
                return "";
            }
        }

        private static string SidecarFileWithoutToken()
        {
            string path = Path.Combine(UserData.Folder, "sidecar.json");
            try
            {
                var said = (Dictionary<string, object>)Json.Parse(File.ReadAllText(path));
                return path + ": " + string.Join(", ", said
                    .Where(each => each.Key != "token")
                    .OrderBy(each => each.Key, StringComparer.Ordinal)
                    .Select(each => $"{each.Key} {each.Value}"));
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException
                || error is FormatException || error is InvalidCastException)
            {
                return $"{path}: not to be read ({error.Message})";
            }
        }

        private static IEnumerable<string> EndOfLog()
        {
            try
            {
                using (var file = new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
                {
                    file.Seek(Math.Max(0, file.Length - LogBytes), SeekOrigin.Begin);
                    string[] lines = new StreamReader(file, Encoding.UTF8).ReadToEnd().TrimEnd().Split('\n');
                    return lines.Skip(Math.Max(0, lines.Length - LogLines));
                }
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return new[] { $"not to be read ({error.Message})" };
            }
        }
    }
}
