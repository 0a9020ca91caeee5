using System;
using System.Collections.Generic;
using Nijigan;

namespace NijiganEditor
{
    /// <summary>How things stand with the sidecar: a line to show, and what it offers. Immutable.</summary>
    public sealed class SidecarCondition
    {
        private static readonly IReadOnlyList<Style> NoStyles = new Style[0];

        private SidecarCondition(
            SidecarState state, string line, ServerInfo info = null, IReadOnlyList<Style> styles = null)
        {
            State = state;
            Line = line;
            Info = info;
            Styles = styles ?? NoStyles;
        }

        /// <summary>Nobody has looked yet.</summary>
        public static SidecarCondition Unknown { get; } =
            new SidecarCondition(SidecarState.Unknown, "Looking for the sidecar");

        /// <summary>It is being started.</summary>
        public static SidecarCondition Starting { get; } =
            new SidecarCondition(SidecarState.Starting, "The sidecar is starting");

        /// <summary>It is being stopped.</summary>
        public static SidecarCondition Stopping { get; } =
            new SidecarCondition(SidecarState.Stopping, "The sidecar is stopping");

        /// <summary>It has been stopped.</summary>
        public static SidecarCondition Stopped { get; } =
            new SidecarCondition(SidecarState.NotRunning, "No sidecar is running");

        /// <summary>What windows show differently.</summary>
        public SidecarState State { get; }

        /// <summary>For people, without a full stop.</summary>
        public string Line { get; }

        /// <summary>What the sidecar is; null where it does not answer.</summary>
        public ServerInfo Info { get; }

        /// <summary>The styles that can be used.</summary>
        public IReadOnlyList<Style> Styles { get; }

        /// <summary>Whether pressing Start may mend it.</summary>
        public bool CanStart => State == SidecarState.NotRunning || State == SidecarState.Trouble;

        /// <summary>Whether it can be stopped.</summary>
        public bool CanStop => Info != null || State == SidecarState.Incompatible;

        /// <summary>How things stand with a sidecar that answers.</summary>
        /// <param name="info">What it is.</param>
        /// <param name="styles">Its styles.</param>
        /// <returns>The condition.</returns>
        public static SidecarCondition Of(ServerInfo info, IReadOnlyList<Style> styles)
        {
            if (styles.Count == 0)
                return new SidecarCondition(
                    SidecarState.NoStyles, "The sidecar runs, but no style is installed", info, styles);
            string count = styles.Count == 1 ? "1 style" : $"{styles.Count} styles";
            return new SidecarCondition(SidecarState.Ready, $"nijigan {info.Version}, {count}", info, styles);
        }

        /// <summary>How things stand when a call has failed.</summary>
        /// <param name="error">With what.</param>
        /// <returns>The condition.</returns>
        public static SidecarCondition Of(Exception error)
        {
            string line = error.Message.TrimEnd('.');
            if (error is SidecarNotRunningException || error is CommandException)
                return new SidecarCondition(SidecarState.NotRunning, line);
            if (error is IncompatibleException) return new SidecarCondition(SidecarState.Incompatible, line);
            return new SidecarCondition(SidecarState.Trouble, line);
        }
    }
}
