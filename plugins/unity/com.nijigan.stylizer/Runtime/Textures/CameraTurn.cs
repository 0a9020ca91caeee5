using UnityEngine;

namespace Nijigan
{
    /// <summary>How a camera's picture has to be turned to be upright, as phones hold it aslant.
    /// <see cref="TextureReader"/> does so by itself.</summary>
    public readonly struct CameraTurn
    {
        private static readonly Rect AsItIs = new Rect(0f, 0f, 1f, 1f);
        private static readonly Rect UpsideDown = new Rect(0f, 1f, 1f, -1f);

        private CameraTurn(int degrees, bool mirrored)
        {
            Degrees = degrees;
            Mirrored = mirrored;
        }

        /// <summary>Clockwise: 0, 90, 180 or 270.</summary>
        public int Degrees { get; }

        /// <summary>Whether it is upside down before that.</summary>
        public bool Mirrored { get; }

        private bool IsOnItsSide => Degrees % 180 != 0;

        /// <summary>What a texture needs: nothing, but for cameras.</summary>
        /// <param name="texture">A WebCamTexture, or another texture.</param>
        /// <returns>The turn.</returns>
        public static CameraTurn Of(Texture texture)
        {
            var camera = texture as WebCamTexture;
            return ReferenceEquals(camera, null)
                ? default(CameraTurn)
                : new CameraTurn((camera.videoRotationAngle % 360 + 360) % 360, camera.videoVerticallyMirrored);
        }

        /// <summary>Says how wide a picture is when it is upright, by its height.</summary>
        /// <param name="picture">The camera's picture, or what was drawn of it on the GPU.</param>
        /// <returns>Width by height.</returns>
        public float AspectOf(Texture picture)
        {
            float aspect = (float)picture.width / picture.height;
            return IsOnItsSide ? 1f / aspect : aspect;
        }

        /// <summary>Shows a picture upright. Call it within OnGUI.</summary>
        /// <param name="place">Where; it is fitted into that.</param>
        /// <param name="picture">The camera's picture, or what was drawn of it on the GPU.</param>
        public void Draw(Rect place, Texture picture)
        {
            float aspect = AspectOf(picture);
            float width = Mathf.Min(place.width, place.height * aspect);
            float height = width / aspect;
            Vector2 middle = place.center;
            Vector2 size = IsOnItsSide ? new Vector2(height, width) : new Vector2(width, height); // before it is turned
            Matrix4x4 before = GUI.matrix;
            GUIUtility.RotateAroundPivot(Degrees, middle);
            GUI.DrawTextureWithTexCoords(
                new Rect(middle.x - size.x / 2f, middle.y - size.y / 2f, size.x, size.y), picture,
                Mirrored ? UpsideDown : AsItIs);
            GUI.matrix = before;
        }
    }
}
