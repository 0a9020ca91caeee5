namespace NijiganEditor
{
    /// <summary>How things stand with the sidecar.</summary>
    public enum SidecarState
    {
        /// <summary>Nobody has looked yet.</summary>
        Unknown,

        /// <summary>It answers, and has styles.</summary>
        Ready,

        /// <summary>There is none.</summary>
        NotRunning,

        /// <summary>It is being started.</summary>
        Starting,

        /// <summary>It is being stopped.</summary>
        Stopping,

        /// <summary>It and this package are of different ages.</summary>
        Incompatible,

        /// <summary>It answers, but has no style.</summary>
        NoStyles,

        /// <summary>Something else is wrong.</summary>
        Trouble,
    }
}
