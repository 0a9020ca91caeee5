using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Nijigan
{
    /// <summary>Why a photo does not make an avatar as it is.</summary>
    public sealed class AvatarRefusal
    {
        private AvatarRefusal(StylizerException error)
        {
            Reason = error.Reason;
            Fact = error.Fact;
            Remedy = error.Remedy;
            error.Metadata.TryGetValue("faces", out string faces);
            Faces = FacesOf(faces ?? "");
        }

        /// <summary>NO_FACE, SEVERAL_FACES, FACE_TOO_SMALL or FACE_BLURRED.</summary>
        public string Reason { get; }

        /// <summary>What is the case, for people.</summary>
        public string Fact { get; }

        /// <summary>What a person can do about it.</summary>
        public string Remedy { get; }

        /// <summary>Where several faces are, from the left: each is left, top, width and height in
        /// pixels of the photo. Empty where there are not several.</summary>
        public IReadOnlyList<IReadOnlyList<float>> Faces { get; }

        /// <summary>Reads an error.</summary>
        /// <param name="error">What a framer said.</param>
        /// <returns>The refusal; null where the error is another one.</returns>
        public static AvatarRefusal Of(StylizerException error)
        {
            switch (error.Reason)
            {
                case "NO_FACE":
                case "SEVERAL_FACES":
                case "FACE_TOO_SMALL":
                case "FACE_BLURRED":
                    return new AvatarRefusal(error);
                default:
                    return null;
            }
        }

        private static IReadOnlyList<IReadOnlyList<float>> FacesOf(string text)
        {
            return text.Split(';')
                .Where(each => each.Trim().Length > 0)
                .Select(each => (IReadOnlyList<float>)each.Split(',')
                    .Select(number => float.Parse(number, CultureInfo.InvariantCulture)).ToList())
                .ToList();
        }
    }
}
