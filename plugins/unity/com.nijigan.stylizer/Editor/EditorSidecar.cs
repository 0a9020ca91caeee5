using UnityEditor;

namespace NijiganEditor
{
    /// <summary>The one watch of the Editor. It ends before scripts are reloaded, and another one begins.</summary>
    public sealed class EditorSidecar : ScriptableSingleton<EditorSidecar>
    {
        /// <summary>The watch.</summary>
        public SidecarWatch Watch { get; private set; }

        private void OnEnable()
        {
            Watch = new SidecarWatch(() => NijiganSettings.instance.Command);
        }

        private void OnDisable()
        {
            Watch.Dispose();
        }
    }
}
