using System.Collections.Generic;

namespace Nijigan
{
    /// <summary>The interface that this client knows.</summary>
    internal static class ApiLevel
    {
        private const int Known = 1;

        /// <summary>Refuses a sidecar whose interface is another.</summary>
        /// <exception cref="IncompatibleException">It is.</exception>
        public static void Check(int level, string version)
        {
            if (level == Known) return;
            bool clientIsOlder = level > Known;
            throw new IncompatibleException(
                $"The sidecar (nijigan {version}) has the interface {level}; this client knows {Known}.",
                clientIsOlder ? "Update this client, or the package that it is part of." : "Update nijigan, and restart the sidecar.",
                metadata: new Dictionary<string, string> { { "older", clientIsOlder ? "client" : "sidecar" } });
        }
    }
}
