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
        /// <exception cref="CommandException">There is none.</exception>
        public static SidecarCommand Find(string chosen)
        {
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
            return path.Split(Path.PathSeparator).Where(each => each.Length > 0).Concat(usual);
        }
    }
}
