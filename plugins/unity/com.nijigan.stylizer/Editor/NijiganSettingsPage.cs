using UnityEditor;

namespace NijiganEditor
{
    /// <summary>The page Nijigan of the Project Settings.</summary>
    internal static class NijiganSettingsPage
    {
        private const string Path = "Project/Nijigan";

        /// <summary>Gives Unity the page.</summary>
        [SettingsProvider]
        public static SettingsProvider Make()
        {
            SidecarWatch watch = EditorSidecar.instance.Watch;
            var previews = new PreviewTextures(watch);
            var panel = new SidecarPanel(watch);
            var picker = new StylePicker(watch, previews);
            var page = new SettingsProvider(
                Path, SettingsScope.Project, new[] { "nijigan", "sidecar", "style", "strength", "avatar" })
            {
                label = "Nijigan",
                guiHandler = words => Draw(panel, picker),
                deactivateHandler = previews.Dispose,
            };
            page.activateHandler = (words, root) =>
            {
                watch.Changed += page.Repaint;
                _ = watch.LookAsync();
            };
            page.deactivateHandler += () => watch.Changed -= page.Repaint;
            return page;
        }

        private static void Draw(SidecarPanel panel, StylePicker picker)
        {
            EditorGUILayout.LabelField("Sidecar", EditorStyles.boldLabel);
            panel.Draw();
            NijiganSettings settings = NijiganSettings.instance;
            string command = EditorGUILayout.TextField("Command (empty: what is found)", settings.Command);
            if (command != settings.Command) settings.Command = command;
            EditorGUILayout.LabelField(
                "The command nijigan, or a Python or the folder of an environment that has it. "
                + "It is kept for this computer alone.", EditorStyles.wordWrappedLabel);
            EditorGUILayout.Space();
            EditorGUILayout.LabelField("How textures are drawn", EditorStyles.boldLabel);
            picker.Draw();
        }
    }
}
