using System;
using UnityEngine;

namespace Nijigan
{
    /// <summary>
    /// How to draw, and where the sidecar is: an asset that components share (Assets › Create ›
    /// Nijigan › Stylizer Profile).
    /// </summary>
    [CreateAssetMenu(menuName = "Nijigan/Stylizer Profile", fileName = "Stylizer Profile")]
    public sealed class StylizerProfile : ScriptableObject
    {
        [SerializeField, Tooltip("Name of the style; Window > Nijigan > Styles lists them.")]
        private string style = "cel";

        [SerializeField, Range(0f, 1f), Tooltip("0 is the picture as it is, 1 fully drawn.")]
        private float strength = 1f;

        [SerializeField, Tooltip("How exactly the style is drawn.")]
        private Quality quality = Quality.Normal;

        [SerializeField, Min(0f), Tooltip("The short side to draw at, in pixels; 0: as the style says.")]
        private int shortSidePx = 0;

        [SerializeField, Tooltip("host:port or tls://host:port; empty: the sidecar that this user runs.")]
        private string address = "";

        [SerializeField, Tooltip("PEM file of the root that the sidecar's certificate is from; empty: the system's.")]
        private string certificateAuthorityFile = "";

        [SerializeField, Tooltip("Whether to start this user's sidecar where none is running.")]
        private bool startSidecar = false;

        [SerializeField, Tooltip("The command nijigan, a Python or an environment that has it; empty: where it is found.")]
        private string command = "";

        /// <summary>Name of the style.</summary>
        public string Style
        {
            get => style;
            set => style = value;
        }

        /// <summary>How far the style is taken: 0 to 1.</summary>
        public float Strength
        {
            get => strength;
            set => strength = Mathf.Clamp01(value);
        }

        /// <summary>How exactly the style is drawn.</summary>
        public Quality Quality
        {
            get => quality;
            set => quality = value;
        }

        /// <summary>The short side to draw at, in pixels; 0: as the style says.</summary>
        public int ShortSidePx
        {
            get => shortSidePx;
            set => shortSidePx = Math.Max(0, value);
        }

        /// <summary>"host:port" or "tls://host:port"; empty: the sidecar that this user runs.</summary>
        public string Address
        {
            get => address;
            set => address = value;
        }

        /// <summary>PEM file of the root that the sidecar's certificate is from; empty: the system's.</summary>
        public string CertificateAuthorityFile
        {
            get => certificateAuthorityFile;
            set => certificateAuthorityFile = value;
        }

        /// <summary>Whether to start this user's sidecar where none is running.</summary>
        public bool StartSidecar
        {
            get => startSidecar;
            set => startSidecar = value;
        }

        /// <summary>The command nijigan, a Python or an environment that has it; empty: where it is found.</summary>
        public string Command
        {
            get => command;
            set => command = value;
        }

        /// <summary>What the sidecar at <see cref="Address"/> lets in. It is not kept in the asset:
        /// whoever has the project would have it. Null: $NIJIGAN_TOKEN, or that of this user's sidecar.</summary>
        public string Token { get; set; }

        /// <summary>Says where the sidecar is.</summary>
        /// <returns>What a client is made with.</returns>
        public ClientOptions ToClientOptions()
        {
            return new ClientOptions(
                OrNull(address), Token, OrNull(certificateAuthorityFile), startCommand: startSidecar ? command : null);
        }

        /// <summary>Says how to draw.</summary>
        /// <returns>The settings of a request.</returns>
        public StylizeSettings ToStylizeSettings()
        {
            return new StylizeSettings(
                style, strength, quality, shortSidePx > 0 ? Scale.ShortSidePx(shortSidePx) : Scale.Auto);
        }

        private static string OrNull(string text)
        {
            return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        }
    }
}
