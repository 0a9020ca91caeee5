using Nijigan;
using UnityEditor;
using UnityEngine;

namespace NijiganEditor
{
    /// <summary>How textures are drawn in this project, and what starts the sidecar on this computer.</summary>
    [FilePath("ProjectSettings/Nijigan.asset", FilePathAttribute.Location.ProjectFolder)]
    public sealed class NijiganSettings : ScriptableSingleton<NijiganSettings>
    {
        private const string CommandKey = "com.nijigan.stylizer.command";

        [SerializeField] private string style = "cel";
        [SerializeField] private float strength = 1f;
        [SerializeField] private Quality quality = Quality.Normal;
        [SerializeField] private int shortSidePx = 0;

        /// <summary>Name of the style.</summary>
        public string Style => style;

        /// <summary>How far the style is taken: 0 to 1.</summary>
        public float Strength => strength;

        /// <summary>How exactly the style is drawn.</summary>
        public Quality Quality => quality;

        /// <summary>The short side to draw at, in pixels; 0: as the style says.</summary>
        public int ShortSidePx => shortSidePx;

        /// <summary>What starts the sidecar; "": what is found. It is kept for this computer, not in
        /// the project.</summary>
        public string Command
        {
            get => EditorPrefs.GetString(CommandKey, "");
            set => EditorPrefs.SetString(CommandKey, value);
        }

        /// <summary>Changes how textures are drawn, and writes it down.</summary>
        /// <param name="newStyle">Name of the style.</param>
        /// <param name="newStrength">0 to 1.</param>
        /// <param name="newQuality">How exactly.</param>
        /// <param name="newShortSidePx">The short side to draw at, in pixels; 0: as the style says.</param>
        public void Draw(string newStyle, float newStrength, Quality newQuality, int newShortSidePx)
        {
            style = newStyle;
            strength = Mathf.Clamp01(newStrength);
            quality = newQuality;
            shortSidePx = Mathf.Max(0, newShortSidePx);
            Save(true);
        }

        /// <summary>Says how to draw, for work that nobody waits for.</summary>
        /// <returns>The settings of a request.</returns>
        public StylizeSettings ToStylizeSettings()
        {
            return new StylizeSettings(
                style, strength, quality, shortSidePx > 0 ? Scale.ShortSidePx(shortSidePx) : Scale.Auto,
                priority: Priority.Batch);
        }
    }
}
