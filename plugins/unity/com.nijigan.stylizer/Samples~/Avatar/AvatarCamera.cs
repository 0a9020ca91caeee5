using System;
using Nijigan;
using UnityEngine;
using Object = UnityEngine.Object;

namespace Nijigan.Samples
{
    /// <summary>A camera of the player's device.</summary>
    internal sealed class AvatarCamera : IDisposable
    {
        private const int WidthPx = 1280;
        private const int HeightPx = 720;
        private const int FramesPerSecond = 30;

        private WebCamTexture texture;
        private AsyncOperation asking;
        private string trouble = "";

        /// <summary>Whether its picture is shown.</summary>
        public bool IsOpen => texture != null;

        /// <summary>Whether it has sent a picture.</summary>
        public bool HasPicture => IsOpen && texture.width > 16;

        /// <summary>Opens the camera that looks at the player; asks for leave where the device wants that.</summary>
        public void Open()
        {
            trouble = "";
            asking = Application.RequestUserAuthorization(UserAuthorization.WebCam);
        }

        /// <summary>Shows what it sees, upright, or why nothing.</summary>
        public void Draw()
        {
            if (asking != null && asking.isDone) OpenAllowed();
            if (trouble.Length > 0) GUILayout.Label(trouble);
            if (!HasPicture) return;
            CameraTurn turn = CameraTurn.Of(texture);
            turn.Draw(GUILayoutUtility.GetAspectRect(turn.AspectOf(texture), GUILayout.MaxHeight(360f)), texture);
        }

        /// <summary>Takes what it sees now, upright.</summary>
        /// <returns>The photo.</returns>
        public Picture Take()
        {
            using (var reader = new TextureReader()) return reader.Read(texture);
        }

        /// <summary>Closes it; its light goes out.</summary>
        public void Close()
        {
            if (texture == null) return;
            texture.Stop();
            Object.Destroy(texture);
            texture = null;
        }

        /// <summary>Closes it.</summary>
        public void Dispose()
        {
            asking = null;
            Close();
        }

        private void OpenAllowed()
        {
            asking = null;
            if (!Application.HasUserAuthorization(UserAuthorization.WebCam))
            {
                trouble = "The camera may not be used. Allow it in the settings of the system, or choose a file.";
                return;
            }
            if (WebCamTexture.devices.Length == 0)
            {
                trouble = "No camera was found. Plug one in, or choose a file.";
                return;
            }
            int front = Array.FindIndex(WebCamTexture.devices, each => each.isFrontFacing);
            string name = WebCamTexture.devices[Math.Max(0, front)].name;
            texture = new WebCamTexture(name, WidthPx, HeightPx, FramesPerSecond);
            texture.Play();
        }
    }
}
