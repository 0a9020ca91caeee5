using UnityEngine;

namespace Nijigan
{
    /// <summary>Objects of the engine that this package has made.</summary>
    internal static class Made
    {
        /// <summary>Destroys one, as it is done while the game runs or in the Editor.</summary>
        public static void Discard(Object made)
        {
            if (Application.isPlaying) Object.Destroy(made);
            else Object.DestroyImmediate(made);
        }
    }
}
