// UnityEngine.ImageConversion: PNG files of 8 bits with or without alpha, which is what tests have.
using System;
using System.IO;
using System.IO.Compression;
using System.Text;
using UnityShim;

namespace UnityEngine
{
    public static class ImageConversion
    {
        public static byte[] EncodeToPNG(this Texture2D tex)
        {
            Player.MustBeMainThread("EncodeToPNG");
            tex.MustExist();
            return Png.Encode(tex.pixels, tex.width, tex.height);
        }

        public static bool LoadImage(this Texture2D tex, byte[] data)
        {
            return LoadImage(tex, data, false);
        }

        public static bool LoadImage(this Texture2D tex, byte[] data, bool markNonReadable)
        {
            Player.MustBeMainThread("LoadImage");
            int width;
            int height;
            byte[] pixels = Png.Decode(data, out width, out height);
            if (pixels == null)
            {
                return false;
            }
            // Whatever it was before; of JPEG files RGB24.
            tex.Reinitialize(width, height, TextureFormat.ARGB32, false);
            Buffer.BlockCopy(pixels, 0, tex.pixels, 0, pixels.Length);
            return true;
        }
    }
}

namespace UnityShim
{
    /// Rows from the bottom, as textures have them.
    static class Png
    {
        static readonly byte[] Signature = { 137, 80, 78, 71, 13, 10, 26, 10 };

        internal static byte[] Encode(byte[] pixels, int width, int height)
        {
            var file = new MemoryStream();
            file.Write(Signature, 0, Signature.Length);
            var header = new byte[13];
            Put(header, 0, (uint)width);
            Put(header, 4, (uint)height);
            header[8] = 8;
            header[9] = 6;
            Chunk(file, "IHDR", header);
            var rows = new byte[height * (1 + width * 4)];
            for (int y = 0; y < height; y++)
            {
                Buffer.BlockCopy(pixels, (height - 1 - y) * width * 4, rows, y * (1 + width * 4) + 1, width * 4);
            }
            Chunk(file, "IDAT", Zlib(rows));
            Chunk(file, "IEND", new byte[0]);
            return file.ToArray();
        }

        internal static byte[] Decode(byte[] file, out int width, out int height)
        {
            width = 0;
            height = 0;
            var packed = new MemoryStream();
            int channels = 0;
            for (int at = 8; at + 8 <= file.Length;)
            {
                int length = (int)Get(file, at);
                string kind = Encoding.ASCII.GetString(file, at + 4, 4);
                if (kind == "IHDR")
                {
                    width = (int)Get(file, at + 8);
                    height = (int)Get(file, at + 12);
                    channels = file[at + 17] == 6 ? 4 : file[at + 17] == 2 ? 3 : 0;
                }
                else if (kind == "IDAT")
                {
                    packed.Write(file, at + 8, length);
                }
                at += 12 + length;
            }
            if (channels == 0 || file[0] != Signature[0])
            {
                return null;
            }
            packed.Position = 2;
            var rows = new byte[height * (1 + width * channels)];
            using (var unpacked = new DeflateStream(packed, CompressionMode.Decompress))
            {
                for (int got = 0; got < rows.Length;)
                {
                    int more = unpacked.Read(rows, got, rows.Length - got);
                    if (more == 0)
                    {
                        return null;
                    }
                    got += more;
                }
            }
            return Pixels(rows, width, height, channels);
        }

        static byte[] Pixels(byte[] rows, int width, int height, int channels)
        {
            int row = width * channels;
            var made = new byte[width * height * 4];
            var above = new byte[row];
            for (int y = 0; y < height; y++)
            {
                var line = new byte[row];
                int filter = rows[y * (1 + row)];
                for (int i = 0; i < row; i++)
                {
                    int left = i < channels ? 0 : line[i - channels];
                    int corner = i < channels ? 0 : above[i - channels];
                    line[i] = (byte)(rows[y * (1 + row) + 1 + i] + Predicted(filter, left, above[i], corner));
                }
                for (int x = 0; x < width; x++)
                {
                    int to = ((height - 1 - y) * width + x) * 4;
                    Buffer.BlockCopy(line, x * channels, made, to, channels);
                    if (channels == 3)
                    {
                        made[to + 3] = 255;
                    }
                }
                above = line;
            }
            return made;
        }

        static int Predicted(int filter, int left, int above, int corner)
        {
            switch (filter)
            {
                case 0: return 0;
                case 1: return left;
                case 2: return above;
                case 3: return (left + above) / 2;
                default:
                    int p = left + above - corner;
                    int a = Math.Abs(p - left);
                    int b = Math.Abs(p - above);
                    int c = Math.Abs(p - corner);
                    return a <= b && a <= c ? left : b <= c ? above : corner;
            }
        }

        static byte[] Zlib(byte[] content)
        {
            var packed = new MemoryStream();
            packed.WriteByte(0x78);
            packed.WriteByte(0x01);
            using (var deflate = new DeflateStream(packed, CompressionMode.Compress, true))
            {
                deflate.Write(content, 0, content.Length);
            }
            uint a = 1;
            uint b = 0;
            foreach (byte each in content)
            {
                a = (a + each) % 65521;
                b = (b + a) % 65521;
            }
            var sum = new byte[4];
            Put(sum, 0, b << 16 | a);
            packed.Write(sum, 0, 4);
            return packed.ToArray();
        }

        static void Chunk(Stream file, string kind, byte[] content)
        {
            var both = new byte[4 + content.Length];
            Encoding.ASCII.GetBytes(kind, 0, 4, both, 0);
            content.CopyTo(both, 4);
            var number = new byte[4];
            Put(number, 0, (uint)content.Length);
            file.Write(number, 0, 4);
            file.Write(both, 0, both.Length);
            Put(number, 0, Crc(both));
            file.Write(number, 0, 4);
        }

        static uint Crc(byte[] content)
        {
            uint crc = uint.MaxValue;
            foreach (byte each in content)
            {
                crc ^= each;
                for (int i = 0; i < 8; i++)
                {
                    crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
                }
            }
            return ~crc;
        }

        static void Put(byte[] to, int at, uint number)
        {
            for (int i = 0; i < 4; i++)
            {
                to[at + i] = (byte)(number >> (24 - 8 * i));
            }
        }

        static uint Get(byte[] from, int at)
        {
            return (uint)(from[at] << 24 | from[at + 1] << 16 | from[at + 2] << 8 | from[at + 3]);
        }
    }
}
