using System.Threading;
using System.Threading.Tasks;

namespace Nijigan
{
    /// <summary>Cuts the square that becomes an avatar out of a photo.</summary>
    public interface IFaceFramer
    {
        /// <summary>Frames head and shoulders.</summary>
        /// <param name="photo">Where to look.</param>
        /// <param name="settings">What to do about the faces.</param>
        /// <param name="cancel">Ends it.</param>
        /// <returns>The square, as RGBA8.</returns>
        /// <exception cref="StylizerException">With the reason NO_FACE, SEVERAL_FACES,
        /// FACE_TOO_SMALL or FACE_BLURRED, and others.</exception>
        Task<Picture> FrameAsync(
            Picture photo, FrameFaceSettings settings, CancellationToken cancel = default(CancellationToken));
    }
}
