using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Nijigan;

namespace NijiganEditor
{
    /// <summary>
    /// Looks after the sidecar of this user: how things stand, its styles with their previews, and
    /// starts and stops it. It knows nothing of windows; use it on one thread.
    /// </summary>
    public sealed class SidecarWatch : IDisposable
    {
        private const int MostErrors = 5;

        private readonly Func<string> command;
        private readonly CancellationTokenSource ending = new CancellationTokenSource();
        private readonly Dictionary<string, byte[]> previews = new Dictionary<string, byte[]>();
        private readonly List<string> errors = new List<string>();
        private Sidecar started;

        /// <summary>Makes one, which has not looked yet.</summary>
        /// <param name="command">Gives what starts the sidecar; see <see cref="Sidecar.StartAsync"/>.</param>
        public SidecarWatch(Func<string> command)
        {
            this.command = command;
            Stylizer = new SidecarStylizer(null, endsWithGame: false);
        }

        /// <summary>Told that <see cref="Condition"/> is another, or a preview came.</summary>
        public event Action Changed;

        /// <summary>What draws by that sidecar.</summary>
        public SidecarStylizer Stylizer { get; }

        /// <summary>How things stand.</summary>
        public SidecarCondition Condition { get; private set; } = SidecarCondition.Unknown;

        /// <summary>The last errors, the oldest first.</summary>
        public IReadOnlyList<string> Errors => errors;

        /// <summary>What starts the sidecar; "": what is found.</summary>
        public string Command => command();

        /// <summary>A style's preview.</summary>
        /// <param name="style">The style.</param>
        /// <returns>A PNG file; null while there is none.</returns>
        public byte[] PreviewOf(Style style)
        {
            return previews.TryGetValue(KeyOf(style), out byte[] png) ? png : null;
        }

        /// <summary>Looks how things stand, and for previews that are not here yet.</summary>
        /// <returns>Completes when that is known; it does not fail.</returns>
        public Task LookAsync()
        {
            return Try(LookAtAllAsync);
        }

        /// <summary>Starts the sidecar.</summary>
        /// <returns>Completes when it answers, or does not; it does not fail.</returns>
        public Task StartAsync()
        {
            return Try(async () =>
            {
                Enter(SidecarCondition.Starting);
                Sidecar sidecar = await Sidecar.StartAsync(command(), ending.Token);
                started?.Dispose();
                started = sidecar;
                SidecarKeeper.Keeps = true;
                await LookAtAllAsync();
            });
        }

        /// <summary>Stops the sidecar, whoever started it.</summary>
        /// <returns>Completes when it is gone, or is not; it does not fail.</returns>
        public Task StopAsync()
        {
            return Try(async () =>
            {
                Enter(SidecarCondition.Stopping);
                await Sidecar.StopAsync(ending.Token);
                SidecarKeeper.Keeps = false;
                Enter(SidecarCondition.Stopped);
            });
        }

        /// <summary>Stops it and starts it anew, as after an update.</summary>
        /// <returns>Completes when it answers, or does not; it does not fail.</returns>
        public Task RestartAsync()
        {
            return Try(async () =>
            {
                Enter(SidecarCondition.Stopping);
                await Sidecar.StopAsync(ending.Token);
                await StartAsync();
            });
        }

        /// <summary>Keeps an error for those who want to help.</summary>
        /// <param name="error">What went wrong.</param>
        public void Keep(Exception error)
        {
            errors.Add(error.Message);
            if (errors.Count > MostErrors) errors.RemoveAt(0);
        }

        /// <summary>Ends what is under way, and lets go of the sidecar.</summary>
        public void Dispose()
        {
            ending.Cancel();
            started?.Dispose();
            Stylizer.Dispose();
        }

        private static string KeyOf(Style style)
        {
            return style.Name + " " + style.Version;
        }

        private async Task Try(Func<Task> step)
        {
            try
            {
                await step();
            }
            catch (OperationCanceledException)
            {
                // The window is gone.
            }
            catch (Exception error) // of any kind: nobody waits for this, so it would be lost
            {
                if (ending.IsCancellationRequested) return;
                if (Condition.State == SidecarState.Starting || !(error is SidecarNotRunningException)) Keep(error);
                Enter(SidecarCondition.Of(error));
            }
        }

        private async Task LookAtAllAsync()
        {
            ServerInfo info = await Stylizer.Client.GetServerInfoAsync(ending.Token);
            IReadOnlyList<Style> styles = await Stylizer.Client.ListStylesAsync(ending.Token);
            Enter(SidecarCondition.Of(info, styles));
            foreach (Style style in styles)
            {
                if (PreviewOf(style) != null) continue;
                previews[KeyOf(style)] = await Stylizer.Client.GetPreviewAsync(style.Name, ending.Token);
                Changed?.Invoke();
            }
        }

        private void Enter(SidecarCondition condition)
        {
            if (ending.IsCancellationRequested) return;
            Condition = condition;
            Changed?.Invoke();
        }
    }
}
