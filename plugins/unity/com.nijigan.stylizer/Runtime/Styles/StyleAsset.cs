using System.Collections.Generic;
using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// What a style in the project is. The Editor makes it of a file that `nijigan export cel --to unity
    /// -o Assets/Cel` wrote, Assets/Cel/cel.nijiganstyle; within it are a <see cref="StyleNetwork"/> for
    /// each quality, which draw, and the preview.
    /// </summary>
    public sealed class StyleAsset : ScriptableObject
    {
        [SerializeField] internal string styleName = "";
        [SerializeField] internal string title = "";
        [SerializeField] internal string version = "";
        [SerializeField] internal string description = "";
        [SerializeField] internal string license = "";
        [SerializeField] internal string making = "";
        [SerializeField] internal string[] limits = { };
        [SerializeField] internal int sideMultiple = 1;
        [SerializeField] internal int fixedSizePx = 0;
        [SerializeField] internal int workingShortSidePx = 0;

        /// <summary>Its name, by which a sidecar knows it too: a-z, 0-9 and _.</summary>
        public string StyleName => styleName;

        /// <summary>Its name for people.</summary>
        public string Title => title;

        /// <summary>Its own version (SemVer).</summary>
        public string Version => version;

        /// <summary>One or two sentences.</summary>
        public string Description => description;

        /// <summary>License of its weights, an SPDX expression.</summary>
        public string License => license;

        /// <summary>How it was made: the network, its training and the data, in sentences.</summary>
        public string Making => making;

        /// <summary>What it is bad at, in sentences.</summary>
        public IReadOnlyList<string> Limits => limits;

        /// <summary>What the sides of pictures are multiples of, in pixels.</summary>
        public int SideMultiple => sideMultiple;

        /// <summary>The side of the only square that its networks draw; 0 where they draw any size.</summary>
        public int FixedSizePx => fixedSizePx;

        /// <summary>The short side that its lines and regions were drawn for.</summary>
        public int WorkingShortSidePx => workingShortSidePx;
    }
}
