namespace Nijigan
{
    /// <summary>The other processes of this computer.</summary>
    internal static class Processes
    {
        /// <summary>Whether they can be started and stopped from here. IL2CPP has nothing of
        /// System.Diagnostics.Process.</summary>
        public static bool CanBeStarted
        {
            get
            {
#if ENABLE_IL2CPP && !UNITY_EDITOR
                return false;
#else
                return true;
#endif
            }
        }
    }
}
