using System;
using System.IO;

namespace Nijigan
{
    /// <summary>
    /// A file that a picture goes to the sidecar in, and its drawing comes back in: faster than the wire
    /// between processes of one machine. It stays open, so that the drawing can be read when the
    /// sidecar has taken the file away.
    /// </summary>
    internal sealed class ExchangeFile : IDisposable
    {
        /// <summary>Below that many bytes, the wire is as fast.</summary>
        public const int LeastBytes = 1 << 18;

        private readonly string path;
        private readonly FileStream file;

        /// <summary>Makes a file with a picture in it.</summary>
        /// <exception cref="IOException">It cannot be written there.</exception>
        /// <exception cref="UnauthorizedAccessException">Nor may it.</exception>
        public ExchangeFile(string folder, Picture picture)
        {
            if (!Directory.Exists(folder)) throw new IOException($"there is no {folder} here");
            Name = Guid.NewGuid().ToString("N");
            path = Path.Combine(folder, Name);
            file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
            try
            {
                file.Write(picture.Bytes, 0, picture.Count);
                file.Flush();
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public string Name { get; }

        /// <summary>Puts the drawing that is in it into a buffer.</summary>
        /// <param name="into">The buffer.</param>
        /// <param name="count">How many bytes it should have; 0: as many as there are.</param>
        /// <exception cref="IOException">It cannot be read, or has not as many bytes.</exception>
        public void Read(PictureBuffer into, long count)
        {
            long found = file.Length;
            if (found != (count > 0 ? count : found) || found > ResultSize.Most((int)Math.Min(count, int.MaxValue)))
                throw new IOException($"the result has {found} bytes, and should have {count}");
            file.Position = 0;
            into.ReadFrom(file, (int)found);
        }

        public void Dispose()
        {
            file.Dispose();
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                // The sidecar has taken it away, or does when it ends.
            }
        }
    }
}
