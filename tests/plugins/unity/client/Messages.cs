using System;
using Nijigan.Wire;

namespace Nijigan.Tests
{
    /// <summary>Reads messages, and writes them again.</summary>
    internal static class Messages
    {
        private static readonly Writer Writer = new Writer();
        private static readonly Reader Reader = new Reader();

        /// <summary>"Name HEX" gives the hex of the bytes that are written of what was read.</summary>
        public static string Recode(string line)
        {
            string[] words = line.Split(' ');
            var message = (Message)Activator.CreateInstance(Type.GetType("Nijigan.Wire." + words[0], true));
            byte[] bytes = Lines.FromHex(words[1]);
            Reader.Read(message, bytes, 0, bytes.Length);
            Writer.Clear();
            message.WriteTo(Writer);
            string written = Lines.ToHex(Writer.Buffer, 0, Writer.Count);
            message.Clear();
            Writer.Clear();
            message.WriteTo(Writer);
            if (Writer.Count > 0) throw new InvalidOperationException("Clear left something.");
            Reader.Read(message, bytes, 0, bytes.Length);
            message.WriteTo(Writer);
            if (Lines.ToHex(Writer.Buffer, 0, Writer.Count) != written) throw new InvalidOperationException("It reads another thing again.");
            return written;
        }
    }
}
