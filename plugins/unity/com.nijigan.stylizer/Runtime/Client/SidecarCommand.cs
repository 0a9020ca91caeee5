using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace Nijigan
{
    /// <summary>The command that starts a sidecar which ends when its starter has.</summary>
    internal sealed class SidecarCommand
    {
        private const string Serve = "serve --exit-with-parent";

        private SidecarCommand(string program, string arguments)
        {
            Program = program;
            Arguments = arguments;
        }

        public string Program { get; }

        public string Arguments { get; }

        private static bool OnWindows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

        /// <summary>Finds the command; see <see cref="Sidecar.StartAsync"/>.</summary>
        /// <exception cref="CommandException">There is none, or none can be started.</exception>
        public static SidecarCommand Find(string chosen)
        {
            if (!Processes.CanBeStarted)
                throw new CommandException(
                    "A game that was built with IL2CPP cannot start a sidecar.",
                    "Start it beside the game (nijigan serve), build with Mono, or draw in the engine.", "NOT_SUPPORTED");
            if (string.IsNullOrEmpty(chosen)) return new SidecarCommand(OnPath(), Serve);
            string path = Directory.Exists(chosen) ? InEnvironment(chosen) : chosen;
            if (!File.Exists(path)) throw new CommandException($"There is no {path}.", "Choose nijigan's command in the settings.");
            bool python = Path.GetFileName(path).StartsWith("python", StringComparison.OrdinalIgnoreCase);
            return new SidecarCommand(path, python ? "-m nijigan.core " + Serve : Serve);
        }

        private static string InEnvironment(string folder)
        {
            string[] places = { Path.Combine(folder, "bin/nijigan"), Path.Combine(folder, "Scripts/nijigan.exe") };
            return places.FirstOrDefault(File.Exists) ?? places[0];
        }

        private static string OnPath()
        {
            string name = OnWindows ? "nijigan.exe" : "nijigan";
            return Folders().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
                ?? throw new CommandException(
                    "nijigan, which draws, is not installed.", "Install it, or choose its command in the settings.", "NOT_INSTALLED");
        }

        /// <summary>The path, and where pip and pipx put commands: programs started from a desktop do
        /// not have these on their path.</summary>
        private static IEnumerable<string> Folders()
        {
            string path = Environment.GetEnvironmentVariable("PATH") ?? "";
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            string[] usual = { Path.Combine(home, ".local/bin"), "/usr/local/bin", "/opt/homebrew/bin" };
            return path.Split(Path.PathSeparator).Select(each => each.Trim(' ', '"')).Where(IsFolder).Concat(usual).Concat(OfPip());
        }

        // The path is what other programs made of it.
        private static bool IsFolder(string entry)
        {
            return entry.Length > 0 && entry.IndexOfAny(Path.GetInvalidPathChars()) < 0;
        }

        /// <summary>Where pip puts commands on Windows, the newest Python first: for all users of a
        /// Python, and with --user.</summary>
        private static IEnumerable<string> OfPip()
        {
            string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            string roaming = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData);
            return Scripts(Path.Combine(local, "Programs", "Python")).Concat(Scripts(Path.Combine(roaming, "Python")));
        }

        private static IEnumerable<string> Scripts(string pythons)
        {
            if (!Path.IsPathRooted(pythons) || !Directory.Exists(pythons)) return Enumerable.Empty<string>();
            return Directory.GetDirectories(pythons, "Python3*")
                .OrderByDescending(each => each.Length).ThenByDescending(each => each, StringComparer.Ordinal) // 39 is before 312
                .Select(each => Path.Combine(each, "Scripts"));
        }
    }
}
