namespace Nijigan
{
    /// <summary>Whether a sidecar can be talked to where this runs.</summary>
    internal static class SupportedPlatform
    {
        /// <exception cref="StylizerException">It cannot.</exception>
        public static void Check()
        {
#if UNITY_WEBGL && !UNITY_EDITOR
            throw new StylizerException(
                "WebGL has no sockets, so a sidecar cannot be reached.",
                "Draw in the engine (InferenceEngineStylizer), or from the page by `nijigan serve --web-port`.",
                StatusCode.Unimplemented,
                "NOT_SUPPORTED");
#endif
        }
    }
}
