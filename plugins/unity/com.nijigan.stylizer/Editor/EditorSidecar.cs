using UnityEditor;

namespace NijiganEditor
{
    /// <summary>The one watch of the Editor. It ends before scripts are reloaded, and another one begins.</summary>
    public sealed class EditorSidecar : ScriptableSingleton<EditorSidecar>
    {
        private SidecarWatch watch;

        /// <summary>The watch. It is made when somebody asks for it: after scripts were reloaded, a
        /// window may be enabled before this is.</summary>
        public SidecarWatch Watch => watch ?? (watch = new SidecarWatch(() => NijiganSettings.instance.Command));

        private void OnDisable()
        {
            watch?.Dispose();
            watch = null;
        }
    }
}
