using System.IO;
using UnityEngine;

namespace Nijigan
{
    /// <summary>Where avatars are kept, and what the game draws with.</summary>
    public static class AvatarFile
    {
        /// <summary>Where avatars of players are kept: a folder of the application's own data.</summary>
        /// <param name="name">Name of the avatar, such as the player's; it becomes a file name.</param>
        /// <returns>The path, which ends in .png.</returns>
        public static string PathOf(string name)
        {
            foreach (char each in Path.GetInvalidFileNameChars()) name = name.Replace(each, '_');
            return Path.Combine(Application.persistentDataPath, "avatars", name + ".png");
        }

        /// <summary>Makes a sprite of an avatar, with the pivot in the middle.</summary>
        /// <param name="avatar">The texture, which the sprite goes on using.</param>
        /// <returns>A sprite of one unit's size; it is yours to destroy.</returns>
        public static Sprite ToSprite(Texture2D avatar)
        {
            var all = new Rect(0f, 0f, avatar.width, avatar.height);
            return Sprite.Create(avatar, all, new Vector2(0.5f, 0.5f), avatar.width);
        }
    }
}
