using System;
using System.Threading.Tasks;
using Nijigan;
using UnityEditor;

namespace NijiganEditor
{
    /// <summary>
    /// Keeps the sidecar that was started from the Editor while the Editor runs. A sidecar ends once its
    /// starter has let go of it, as each reload of scripts does, and nobody has called for a minute; so
    /// it is called every half minute.
    /// </summary>
    internal static class SidecarKeeper
    {
        private const string Key = "com.nijigan.stylizer.keeps";
        private const double PeriodSeconds = 30;

        private static double next;

        /// <summary>Whether there is one to be kept. It outlives reloads of scripts, not the Editor.</summary>
        public static bool Keeps
        {
            get => SessionState.GetBool(Key, false);
            set => SessionState.SetBool(Key, value);
        }

        [InitializeOnLoadMethod]
        private static void Begin()
        {
            EditorApplication.update += Update;
        }

        private static void Update()
        {
            if (EditorApplication.timeSinceStartup < next) return;
            next = EditorApplication.timeSinceStartup + PeriodSeconds;
            if (Keeps) _ = CallAsync();
        }

        private static async Task CallAsync()
        {
            try
            {
                await EditorSidecar.instance.Watch.Stylizer.Client.GetServerInfoAsync();
            }
            catch (Exception error) when (error is StylizerException || error is ObjectDisposedException)
            {
                // Somebody else has stopped it, or scripts are reloaded; the next one may answer.
            }
        }
    }
}
