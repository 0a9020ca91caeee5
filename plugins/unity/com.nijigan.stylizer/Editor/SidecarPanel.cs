using System.IO;
using UnityEditor;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>How things stand with the sidecar, and the buttons that change it, for every window.</summary>
    internal sealed class SidecarPanel
    {
        private readonly SidecarWatch watch;

        /// <summary>Makes one.</summary>
        public SidecarPanel(SidecarWatch watch)
        {
            this.watch = watch;
        }

        /// <summary>Draws it.</summary>
        public void Draw()
        {
            SidecarCondition condition = watch.Condition;
            EditorGUILayout.HelpBox(condition.Line, KindOf(condition.State));
            string address = condition.Info != null ? Diagnostics.Address() : "";
            if (address.Length > 0) EditorGUILayout.LabelField("Address", address);
            EditorGUILayout.BeginHorizontal();
            using (new EditorGUI.DisabledScope(!condition.CanStart))
            {
                if (GUILayout.Button("Start")) _ = watch.StartAsync();
            }
            using (new EditorGUI.DisabledScope(!condition.CanStop))
            {
                if (GUILayout.Button("Stop")) _ = watch.StopAsync();
                if (GUILayout.Button("Restart")) _ = watch.RestartAsync();
            }
            if (GUILayout.Button("Check Again")) _ = watch.LookAsync();
            EditorGUILayout.EndHorizontal();
            EditorGUILayout.BeginHorizontal();
            using (new EditorGUI.DisabledScope(!File.Exists(Diagnostics.LogPath)))
            {
                if (GUILayout.Button("Show Log")) EditorUtility.RevealInFinder(Diagnostics.LogPath);
            }
            if (GUILayout.Button("Copy Diagnostics")) EditorGUIUtility.systemCopyBuffer = Diagnostics.Of(watch);
            EditorGUILayout.EndHorizontal();
        }

        private static MessageType KindOf(SidecarState state)
        {
            switch (state)
            {
                case SidecarState.Ready:
                case SidecarState.Unknown:
                case SidecarState.Starting:
                case SidecarState.Stopping:
                    return MessageType.Info;
                case SidecarState.Trouble:
                case SidecarState.Incompatible:
                    return MessageType.Error;
                default:
                    return MessageType.Warning;
            }
        }
    }
}
