using System.Collections.Generic;
using System.Linq;

namespace Nijigan
{
    /// <summary>What a sidecar is, and what it can take.</summary>
    public sealed class ServerInfo
    {
        internal ServerInfo(Wire.GetServerInfoResponse sent)
        {
            Version = sent.Version;
            ApiLevel = (int)sent.ApiLevel;
            Engines = sent.Engines.AsReadOnly();
            Limits = new ServerLimits(sent.Limits ?? new Wire.Limits());
            Features = sent.Features.AsReadOnly();
            ExchangeFolder = sent.ExchangeFolder;
        }

        /// <summary>Version of nijigan, for people.</summary>
        public string Version { get; }

        /// <summary>Number of the interface.</summary>
        public int ApiLevel { get; }

        /// <summary>Engines that can run styles there, such as "onnxruntime"; the first one does.</summary>
        public IReadOnlyList<string> Engines { get; }

        /// <summary>What a request may ask for.</summary>
        public ServerLimits Limits { get; }

        /// <summary>Names of what this sidecar can do, such as "stylize".</summary>
        public IReadOnlyList<string> Features { get; }

        /// <summary>Where processes of its machine put files that pictures go through.</summary>
        public string ExchangeFolder { get; }

        /// <summary>Whether it can do something.</summary>
        /// <param name="feature">A name such as "frames".</param>
        /// <returns>True where it can.</returns>
        public bool Has(string feature) => Features.Contains(feature);
    }
}
