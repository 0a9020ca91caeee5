using UnityEngine;

namespace Nijigan
{
    /// <summary>How a camera's picture has to be turned to be upright, as phones hold it aslant.</summary>
    internal readonly struct CameraTurn
    {
        private CameraTurn(int degrees, bool mirrored)
        {
            Degrees = degrees;
            Mirrored = mirrored;
        }

        /// <summary>Clockwise: 0, 90, 180 or 270.</summary>
        public int Degrees { get; }

        /// <summary>Whether it is upside down before that.</summary>
        public bool Mirrored { get; }

        /// <summary>What a texture needs: nothing, but for cameras.</summary>
        public static CameraTurn Of(Texture texture)
        {
            var camera = texture as WebCamTexture;
            return ReferenceEquals(camera, null)
                ? default(CameraTurn)
                : new CameraTurn((camera.videoRotationAngle % 360 + 360) % 360, camera.videoVerticallyMirrored);
        }
    }
}
