using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Nijigan.Http2;

namespace Nijigan
{
    /// <summary>Stops the sidecar, whoever started it.</summary>
    internal static class SidecarStop
    {
        private const string NothingToStop = "There is nothing to stop.";
        private static readonly TimeSpan LongestGreeting = TimeSpan.FromSeconds(3);
        private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

        public static async Task StopAsync(TimeSpan longest, CancellationToken cancel)
        {
            SidecarFile file = SidecarFile.Read(NothingToStop);
            if (!Processes.CanBeStarted)
                throw new StopException("A game that was built with IL2CPP cannot stop a sidecar.", "Stop it where it runs.");
            var place = new SidecarPlace(file.Host, file.Port, "", false);
            await CheckItAnswersAsync(place).ConfigureAwait(false); // process numbers are used again
            CheckItIsSeen(file.Pid);
            Tell(file.Pid);
            Stopwatch watch = Stopwatch.StartNew();
            while (IsThere(file.Pid))
            {
                if (longest != Timeout.InfiniteTimeSpan && watch.Elapsed > longest)
                    throw new StopException($"The sidecar (process {file.Pid}) is there after {longest.TotalSeconds:0.#} s.", "Try once more.");
                await Task.Delay(Poll, cancel).ConfigureAwait(false);
            }
        }

        private static async Task CheckItAnswersAsync(SidecarPlace place)
        {
            using (Http2Connection connection = await Connector.ConnectAsync(place, null).ConfigureAwait(false))
                await Channel.GreetAsync(connection, place.Address, LongestGreeting).ConfigureAwait(false);
        }

        /// <summary>Refuses a number that is another process here: sandboxes have numbers of their own.</summary>
        private static void CheckItIsSeen(int pid)
        {
            if (!Directory.Exists("/proc/self")) return;
            string words = "";
            try
            {
                words = File.ReadAllText($"/proc/{pid}/cmdline");
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                // It is not there.
            }
            if (!words.Contains("nijigan"))
                throw new StopException($"The sidecar (process {pid}) is not seen from here, as from inside a sandbox.", "Stop it where it runs.");
        }

        private static void Tell(int pid)
        {
            try
            {
                if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows)) Kill(pid);
                else Terminate(pid);
            }
            catch (Exception error) when (error is Win32Exception || error is InvalidOperationException || error is ArgumentException || error is IOException)
            {
                throw new StopException($"The sidecar (process {pid}) cannot be stopped ({error.Message}).", "Stop it where it runs.", inner: error);
            }
        }

        private static void Kill(int pid)
        {
            using (Process process = Process.GetProcessById(pid)) process.Kill();
            File.Delete(SidecarFile.Path); // it had no time to
        }

        /// <summary>.NET can only kill; the shell can tell a process to end.</summary>
        private static void Terminate(int pid)
        {
            var start = new ProcessStartInfo("/bin/sh", $"-c \"kill -TERM {pid}\"") { UseShellExecute = false, RedirectStandardError = true };
            using (Process shell = Process.Start(start))
            {
                string said = shell.StandardError.ReadToEnd();
                shell.WaitForExit();
                if (shell.ExitCode != 0) throw new InvalidOperationException(said.Trim());
            }
        }

        private static bool IsThere(int pid)
        {
            try
            {
                return SidecarFile.Read().Pid == pid;
            }
            catch (SidecarNotRunningException)
            {
                return false;
            }
        }
    }
}
