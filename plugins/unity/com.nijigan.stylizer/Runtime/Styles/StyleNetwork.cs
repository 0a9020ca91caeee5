using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// A style's network of one quality, an asset within the <see cref="StyleAsset"/>. A game has those
    /// networks alone that it refers to.
    /// </summary>
    public sealed class StyleNetwork : ScriptableObject
    {
        [SerializeField] internal StyleAsset style = null;
        [SerializeField] internal Quality quality = Quality.Normal;
        [SerializeField] internal Object model = null;

        /// <summary>Whose it is.</summary>
        public StyleAsset Style => style;

        /// <summary>How exactly it draws.</summary>
        public Quality Quality => quality;

        /// <summary>The ModelAsset that Unity's inference engine made of its file, which qualities may
        /// share; null where the project has no package that reads such files.</summary>
        public Object Model => model;
    }
}
