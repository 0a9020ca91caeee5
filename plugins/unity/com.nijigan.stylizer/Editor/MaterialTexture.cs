using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace NijiganEditor
{
    /// <summary>A place in a material where a texture is.</summary>
    internal sealed class MaterialTexture
    {
        private readonly Material material;
        private readonly string property;

        private MaterialTexture(Material material, string property, Texture2D texture)
        {
            this.material = material;
            this.property = property;
            Texture = texture;
        }

        /// <summary>The texture that is there.</summary>
        public Texture2D Texture { get; }

        /// <summary>Where textures are in what is selected: materials, and objects that have some.</summary>
        public static IReadOnlyList<MaterialTexture> In(IEnumerable<Object> selected)
        {
            return selected.SelectMany(MaterialsOf).Distinct()
                .SelectMany(material => material.GetTexturePropertyNames()
                    .Where(name => material.GetTexture(name) is Texture2D)
                    .Select(name => new MaterialTexture(material, name, (Texture2D)material.GetTexture(name))))
                .ToList();
        }

        /// <summary>Puts drawings where what they were drawn from is. One undo takes all of them back.</summary>
        /// <param name="places">Where textures are.</param>
        /// <param name="drawings">The drawing of each texture.</param>
        public static void Replace(
            IEnumerable<MaterialTexture> places, IReadOnlyDictionary<Texture2D, Texture2D> drawings)
        {
            const string name = "Use Drawings";
            Undo.IncrementCurrentGroup();
            Undo.SetCurrentGroupName(name);
            int group = Undo.GetCurrentGroup();
            foreach (MaterialTexture place in places)
            {
                if (!drawings.TryGetValue(place.Texture, out Texture2D drawing)) continue;
                Undo.RecordObject(place.material, name);
                place.material.SetTexture(place.property, drawing);
                EditorUtility.SetDirty(place.material);
            }
            Undo.CollapseUndoOperations(group);
        }

        private static IEnumerable<Material> MaterialsOf(Object selected)
        {
            var material = selected as Material;
            if (material != null) return new[] { material };
            var thing = selected as GameObject;
            var renderer = thing != null ? thing.GetComponent<Renderer>() : null;
            return renderer != null ? renderer.sharedMaterials.Where(each => each != null) : Enumerable.Empty<Material>();
        }
    }
}
