using System.Collections.Generic;
using System.Linq;

namespace Nijigan
{
    /// <summary>A style that is installed.</summary>
    public sealed class Style
    {
        internal Style(Wire.Style sent)
        {
            Name = sent.Name;
            Title = sent.Title;
            Description = sent.Description;
            Version = sent.Version;
            License = sent.License;
            Method = sent.Method;
            StrengthKind = sent.StrengthKind;
            WorkingShortSidePx = (int)sent.WorkingShortSidePx;
            Qualities = sent.Qualities.Select(each => new StyleQuality(each)).ToList().AsReadOnly();
            Limits = sent.Limits.AsReadOnly();
            FixedSizePx = (int)sent.FixedSizePx;
        }

        /// <summary>Its name, which requests give: a-z, 0-9 and _.</summary>
        public string Name { get; }

        /// <summary>Its name for people.</summary>
        public string Title { get; }

        /// <summary>One or two sentences.</summary>
        public string Description { get; }

        /// <summary>Its own version (SemVer).</summary>
        public string Version { get; }

        /// <summary>License of its weights, an SPDX expression.</summary>
        public string License { get; }

        /// <summary>How it was trained, such as "pix2pix".</summary>
        public string Method { get; }

        /// <summary>What strength means to it.</summary>
        public StrengthKind StrengthKind { get; }

        /// <summary>The short side that its lines and regions were drawn for.</summary>
        public int WorkingShortSidePx { get; }

        /// <summary>What it offers, the fastest first.</summary>
        public IReadOnlyList<StyleQuality> Qualities { get; }

        /// <summary>What it is bad at, in sentences.</summary>
        public IReadOnlyList<string> Limits { get; }

        /// <summary>The side of the only square that it draws: pictures are resized to it, and the
        /// drawing is resized back. 0 where it draws any size.</summary>
        public int FixedSizePx { get; }
    }
}
