using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>
    /// A sidecar that this process has started. It ends by itself when this process is gone and no
    /// client has called for a minute.
    /// </summary>
    public sealed class Sidecar : IDisposable
    {
        private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60); // a first one reads libraries from the disk
        private static readonly TimeSpan LongestWords = TimeSpan.FromSeconds(1);
        private readonly Process process;

        private Sidecar(Process process, string address)
        {
            this.process = process;
            Address = address;
        }

        /// <summary>Where it listens: "host:port". Where one of this user was running already, that
        /// one's.</summary>
        public string Address { get; }

        /// <summary>Starts the sidecar of this user. Where one is running already, all is well.</summary>
        /// <param name="command">The path of the command nijigan, or of a Python that has it, or the
        /// folder of an environment that has it, such as ".venv". Null or "": nijigan on the path, or
        /// where pip and pipx put it.</param>
        /// <param name="cancel">Gives it up.</param>
        /// <returns>The sidecar, which takes calls.</returns>
        /// <exception cref="CommandException">There is no such command; or, with the reason
        /// NOT_SUPPORTED: this game was built with IL2CPP, which can start no processes.</exception>
        /// <exception cref="SidecarNotRunningException">It did not start; the message has what it
        /// said.</exception>
        public static Task<Sidecar> StartAsync(string command = null, CancellationToken cancel = default(CancellationToken))
        {
            return RunAsync(command, cancel);
        }

        /// <summary>Tells the sidecar of this user to end, whoever started it, and waits until it is
        /// gone. Pictures that are being drawn are finished.</summary>
        /// <param name="cancel">Gives up waiting.</param>
        /// <param name="timeout">How long that may take; usually 10 s.</param>
        /// <returns>Completes when it takes no more calls.</returns>
        /// <exception cref="SidecarNotRunningException">There is none.</exception>
        /// <exception cref="StopException">It cannot be told, or is still there after that time.</exception>
        public static Task StopAsync(CancellationToken cancel = default(CancellationToken), TimeSpan? timeout = null)
        {
            return SidecarStop.StopAsync(timeout ?? TimeSpan.FromSeconds(10), cancel);
        }

        /// <summary>Lets go of it: it ends once no client has called for a minute.</summary>
        public void Dispose()
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException)
            {
                // It is gone.
            }
        }

        private static async Task<Sidecar> RunAsync(string command, CancellationToken cancel)
        {
            Process process = Run(SidecarCommand.Find(command));
            var said = new LastLines(); // read to the end, so that it never waits for that
            process.ErrorDataReceived += (sender, line) => said.Add(line.Data);
            process.BeginErrorReadLine();
            Task<string> address = process.StandardOutput.ReadLineAsync();
            using (CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancel))
            {
                over.CancelAfter(LongestStart);
                await Task.WhenAny(address, Task.Delay(Timeout.Infinite, over.Token)).ConfigureAwait(false);
            }
            bool answered = address.Status == TaskStatus.RanToCompletion && !string.IsNullOrWhiteSpace(address.Result);
            if (answered) return new Sidecar(process, address.Result.Trim());
            Kill(process);
            cancel.ThrowIfCancellationRequested();
            await Task.WhenAny(said.Ended, Task.Delay(LongestWords)).ConfigureAwait(false); // children of it may go on
            string why = said.ToString();
            if (why.Length == 0) why = $"nothing was said in {LongestStart.TotalSeconds:0} s";
            throw new SidecarNotRunningException($"The sidecar did not start: {why}", "Try it in a terminal: nijigan doctor");
        }

        private static Process Run(SidecarCommand command)
        {
            var start = new ProcessStartInfo(command.Program, command.Arguments)
            {
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            try
            {
                return Process.Start(start);
            }
            catch (Exception error) when (error is Win32Exception || error is IOException)
            {
                throw new SidecarNotRunningException($"{command.Program} cannot be started ({error.Message}).", "Is nijigan installed there?", inner: error);
            }
        }

        private static void Kill(Process process)
        {
            try
            {
                process.Kill();
            }
            catch (Exception error) when (error is InvalidOperationException || error is Win32Exception)
            {
                // It has ended by itself.
            }
        }
    }
}
