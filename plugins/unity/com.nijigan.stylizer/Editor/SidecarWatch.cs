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
        private CancellationTokenSource looks; // ends those that are under way
        private Sidecar started;

        /// <summary>Makes one, which has not looked yet.</summary>
        /// <param name="command">Gives what starts the sidecar; see <see cref="Sidecar.StartAsync"/>.</param>
        public SidecarWatch(Func<string> command)
        {
            this.command = command;
            looks = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
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

        /// <summary>Looks how things stand, and for previews that are not here yet; not while the
        /// sidecar is starting or stopping, when a look would tell of what will not last.</summary>
        /// <returns>Completes when that is known; it does not fail.</returns>
        public Task LookAsync()
        {
            if (Condition.State == SidecarState.Starting || Condition.State == SidecarState.Stopping)
            {
                return Task.CompletedTask;
            }
            return Try(LookAtAllAsync, looks.Token);
        }

        /// <summary>Starts the sidecar.</summary>
        /// <returns>Completes when it answers, or does not; it does not fail.</returns>
        public Task StartAsync()
        {
            return Change(async end =>
            {
                Enter(SidecarCondition.Starting, end);
                Sidecar sidecar = await Sidecar.StartAsync(command(), end);
                started?.Dispose();
                started = sidecar;
                SidecarKeeper.Keeps = true;
                await LookAtAllAsync(end);
            });
        }

        /// <summary>Stops the sidecar, whoever started it.</summary>
        /// <returns>Completes when it is gone, or is not; it does not fail.</returns>
        public Task StopAsync()
        {
            return Change(async end =>
            {
                Enter(SidecarCondition.Stopping, end);
                await Sidecar.StopAsync(end);
                SidecarKeeper.Keeps = false;
                Enter(SidecarCondition.Stopped, end);
            });
        }

        /// <summary>Stops it and starts it anew, as after an update.</summary>
        /// <returns>Completes when it answers, or does not; it does not fail.</returns>
        public Task RestartAsync()
        {
            return Change(async end =>
            {
                Enter(SidecarCondition.Stopping, end);
                await Sidecar.StopAsync(end);
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

        // Looks that are under way end: what they find may be of before, or of midway.
        private Task Change(Func<CancellationToken, Task> step)
        {
            looks.Cancel();
            looks = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
            return Try(step, ending.Token);
        }

        private async Task Try(Func<CancellationToken, Task> step, CancellationToken end)
        {
            try
            {
                await step(end);
            }
            catch (OperationCanceledException)
            {
                // The window is gone, or the sidecar is started or stopped.
            }
            catch (Exception error) // of any kind: nobody waits for this, so it would be lost
            {
                if (end.IsCancellationRequested) return;
                if (Condition.State == SidecarState.Starting || !(error is SidecarNotRunningException)) Keep(error);
                Enter(SidecarCondition.Of(error), end);
            }
        }

        private async Task LookAtAllAsync(CancellationToken end)
        {
            ServerInfo info = await Stylizer.Client.GetServerInfoAsync(end);
            IReadOnlyList<Style> styles = await Stylizer.Client.ListStylesAsync(end);
            Enter(SidecarCondition.Of(info, styles), end);
            foreach (Style style in styles)
            {
                if (PreviewOf(style) != null) continue;
                previews[KeyOf(style)] = await Stylizer.Client.GetPreviewAsync(style.Name, end);
                Changed?.Invoke();
            }
        }

        private void Enter(SidecarCondition condition, CancellationToken end)
        {
            if (end.IsCancellationRequested) return;
            Condition = condition;
            Changed?.Invoke();
        }
    }
}
