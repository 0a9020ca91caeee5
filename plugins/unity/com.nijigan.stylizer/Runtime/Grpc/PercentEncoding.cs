using System;
using System.Text;

namespace Nijigan.Grpc
{
    /// <summary>How gRPC writes a message for people: UTF-8, with %XX for what headers cannot have.</summary>
    internal static class PercentEncoding
    {
        /// <summary>Returns the text; what is damaged is left as it is, and no UTF-8 is "?".</summary>
        public static string Decode(string encoded)
        {
            var bytes = new byte[encoded.Length];
            int count = 0;
            for (int i = 0; i < encoded.Length; i++)
            {
                int value = encoded[i] == '%' && i + 2 < encoded.Length ? Hex(encoded[i + 1], encoded[i + 2]) : -1;
                bytes[count++] = (byte)(value < 0 ? encoded[i] : value);
                if (value >= 0) i += 2;
            }
            return Encoding.UTF8.GetString(bytes, 0, count);
        }

        private static int Hex(char high, char low)
        {
            return Uri.IsHexDigit(high) && Uri.IsHexDigit(low) ? Uri.FromHex(high) << 4 | Uri.FromHex(low) : -1;
        }
    }
}
