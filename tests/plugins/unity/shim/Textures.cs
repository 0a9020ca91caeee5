// Textures and how they are read. Rows go from the bottom up, as in Unity. Color is converted as the
// manual says: in a project of linear color, sRGB textures are decoded when a shader reads them and
// encoded when it writes them.
using System;
using Unity.Collections;
using UnityEngine.Experimental.Rendering;
using UnityShim;

namespace UnityEngine
{
    public enum TextureFormat
    {
        RGB24 = 3,
        RGBA32 = 4,
        ARGB32 = 5,
        DXT5 = 12,
    }

    public enum RenderTextureFormat
    {
        ARGB32 = 0,
    }

    public enum RenderTextureReadWrite
    {
        Default = 0,
        Linear = 1,
        sRGB = 2,
    }

    public enum ColorSpace
    {
        Uninitialized = -1,
        Gamma = 0,
        Linear = 1,
    }

    public enum FilterMode
    {
        Point = 0,
        Bilinear = 1,
    }

    public enum TextureWrapMode
    {
        Repeat = 0,
        Clamp = 1,
    }

    public enum ScaleMode
    {
        StretchToFill = 0,
        ScaleAndCrop = 1,
        ScaleToFit = 2,
    }

    public static class QualitySettings
    {
        public static ColorSpace activeColorSpace { get; internal set; }
    }

    public static class SystemInfo
    {
        public static UnityEngine.Rendering.GraphicsDeviceType graphicsDeviceType { get; internal set; } =
            UnityEngine.Rendering.GraphicsDeviceType.Vulkan;

        public static bool supportsAsyncGPUReadback { get; internal set; }

        public static int maxTextureSize
        {
            get { return 16384; }
        }
    }

    public abstract class Texture : Object
    {
        // RGBA, bottom row first.
        internal byte[] pixels;

        public virtual int width { get; set; }

        public virtual int height { get; set; }

        public virtual bool isReadable
        {
            get { return true; }
        }

        public FilterMode filterMode { get; set; }

        public TextureWrapMode wrapMode { get; set; }

        public bool isDataSRGB
        {
            get { return encoded; }
        }

        internal bool encoded;

        internal bool Decodes
        {
            get { return encoded && QualitySettings.activeColorSpace == ColorSpace.Linear; }
        }
    }

    public sealed class Texture2D : Texture
    {
        bool readable = true;
        TextureFormat kind;

        public Texture2D(int width, int height) : this(width, height, TextureFormat.RGBA32, true, false)
        {
        }

        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain)
            : this(width, height, textureFormat, mipChain, false)
        {
        }

        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain, bool linear)
        {
            Player.MustBeMainThread("Texture2D");
            this.width = width;
            this.height = height;
            kind = textureFormat;
            encoded = !linear;
            pixels = new byte[width * height * 4];
            Alive++;
        }

        internal static int Alive;

        internal override void Destroyed()
        {
            Alive--;
        }

        public TextureFormat format
        {
            get { return kind; }
        }

        public override bool isReadable
        {
            get { return readable; }
        }

        public NativeArray<T> GetPixelData<T>(int mipLevel) where T : struct
        {
            Player.MustBeMainThread("GetPixelData");
            MustExist();
            if (!readable)
            {
                throw new UnityException("Texture '" + name + "' is not readable");
            }
            if (kind != TextureFormat.RGBA32)
            {
                throw new NotSupportedException("The shim has no bytes of " + kind + ".");
            }
            return new NativeArray<T>((T[])(object)pixels);
        }

        public Color32[] GetPixels32()
        {
            MustExist();
            var colors = new Color32[width * height];
            for (int i = 0; i < colors.Length; i++)
            {
                colors[i] = Inside.Get(this, i % width, i / width);
            }
            return colors;
        }

        public void SetPixels32(Color32[] colors)
        {
            MustExist();
            for (int i = 0; i < colors.Length; i++)
            {
                bool hasAlpha = kind != TextureFormat.RGB24;
                Inside.Set(
                    this, i % width, i / width, colors[i].r, colors[i].g, colors[i].b, hasAlpha ? colors[i].a : (byte)255);
            }
        }

        public void Apply(bool updateMipmaps)
        {
            Apply(updateMipmaps, false);
        }

        public void Apply(bool updateMipmaps, bool makeNoLongerReadable)
        {
            Player.MustBeMainThread("Apply");
            MustExist();
            readable = !makeNoLongerReadable;
        }

        public bool Reinitialize(int width, int height)
        {
            return Reinitialize(width, height, kind, false);
        }

        public bool Reinitialize(int width, int height, TextureFormat format, bool hasMipMap)
        {
            this.width = width;
            this.height = height;
            kind = format;
            pixels = new byte[width * height * 4];
            return true;
        }

        public void ReadPixels(Rect source, int destX, int destY)
        {
            ReadPixels(source, destX, destY, true);
        }

        public void ReadPixels(Rect source, int destX, int destY, bool recalculateMipMaps)
        {
            Player.MustBeMainThread("ReadPixels");
            RenderTexture from = RenderTexture.active;
            if (from == null)
            {
                throw new UnityException("No render texture is active.");
            }
            if (destX != 0 || destY != 0 || (int)source.width != width || (int)source.height != height
                || from.width != width || from.height != height)
            {
                throw new NotSupportedException("The shim reads all of a render texture.");
            }
            Buffer.BlockCopy(from.pixels, 0, pixels, 0, pixels.Length);
        }

        internal void ForgetMemory()
        {
            readable = false;
        }

        internal void Compress()
        {
            kind = TextureFormat.DXT5;
        }
    }

    public class RenderTexture : Texture
    {
        internal static int Temporaries;
        bool released;

        public RenderTexture(
            int width, int height, int depth, RenderTextureFormat format, RenderTextureReadWrite readWrite)
        {
            this.width = width;
            this.height = height;
            encoded = readWrite != RenderTextureReadWrite.Linear;
            pixels = new byte[width * height * 4];
        }

        public static RenderTexture active { get; set; }

        public bool sRGB
        {
            get { return encoded && QualitySettings.activeColorSpace == ColorSpace.Linear; }
        }

        public bool Create()
        {
            return true;
        }

        public void Release()
        {
            released = true;
        }

        public bool IsCreated()
        {
            return !released;
        }

        public static RenderTexture GetTemporary(
            int width, int height, int depthBuffer, RenderTextureFormat format,
            RenderTextureReadWrite readWrite)
        {
            Temporaries++;
            return new RenderTexture(width, height, depthBuffer, format, readWrite);
        }

        public static void ReleaseTemporary(RenderTexture temp)
        {
            Temporaries--;
            temp.Release();
        }
    }

    // Whether what is drawn into an sRGB texture is encoded. Within GUI events it is not; outside of
    // them nobody knows.
    public static class GL
    {
        public static bool sRGBWrite { get; set; }
    }

    public static class Graphics
    {
        public static void Blit(Texture source, RenderTexture dest)
        {
            Player.MustBeMainThread("Blit");
            source.MustExist();
            RenderTexture.active = dest;
            if (SystemInfo.graphicsDeviceType == UnityEngine.Rendering.GraphicsDeviceType.Null)
            {
                return; // and says nothing
            }
            for (int y = 0; y < dest.height; y++)
            {
                for (int x = 0; x < dest.width; x++)
                {
                    int from = 4 * (y * source.height / dest.height * source.width
                        + x * source.width / dest.width);
                    int to = 4 * (y * dest.width + x);
                    for (int i = 0; i < 4; i++)
                    {
                        byte value = source.pixels[from + i];
                        bool encodes = dest.Decodes && GL.sRGBWrite;
                        bool color = i < 3 && source.Decodes != encodes;
                        dest.pixels[to + i] = !color ? value
                            : source.Decodes ? Curve.Decoded[value] : Curve.Encoded[value];
                    }
                }
            }
        }
    }

    static class Curve
    {
        internal static readonly byte[] Decoded = Table(v =>
            v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4));
        internal static readonly byte[] Encoded = Table(v =>
            v <= 0.0031308 ? 12.92 * v : 1.055 * Math.Pow(v, 1 / 2.4) - 0.055);

        static byte[] Table(Func<double, double> curve)
        {
            var made = new byte[256];
            for (int i = 0; i < 256; i++)
            {
                made[i] = (byte)Math.Round(255 * curve(i / 255.0));
            }
            return made;
        }
    }

    public sealed class WebCamTexture : Texture
    {
        static WebCamDevice[] found = new WebCamDevice[0];

        public WebCamTexture(string deviceName, int requestedWidth, int requestedHeight, int requestedFPS)
        {
            this.deviceName = deviceName;
            width = 16;
            height = 16;
            pixels = new byte[16 * 16 * 4];
            encoded = true;
        }

        public static WebCamDevice[] devices
        {
            get { return found; }
        }

        public string deviceName { get; set; }

        public bool isPlaying { get; private set; }

        public bool didUpdateThisFrame { get; private set; }

        public int videoRotationAngle { get; private set; }

        public bool videoVerticallyMirrored { get; private set; }

        public void Play()
        {
            isPlaying = true;
            Cameras.Opened.Add(this);
        }

        public void Stop()
        {
            isPlaying = false;
            Cameras.Opened.Remove(this);
        }

        internal static void Found(params string[] names)
        {
            found = Array.ConvertAll(names, each => new WebCamDevice(each));
        }

        internal void Deliver(Texture2D picture, int angle, bool mirrored)
        {
            width = picture.width;
            height = picture.height;
            pixels = (byte[])picture.pixels.Clone();
            videoRotationAngle = angle;
            videoVerticallyMirrored = mirrored;
            didUpdateThisFrame = true;
        }
    }

    public struct WebCamDevice
    {
        internal WebCamDevice(string name)
        {
            called = name;
        }

        readonly string called;

        public string name
        {
            get { return called; }
        }

        public bool isFrontFacing
        {
            get { return true; }
        }
    }

    public sealed class Camera : Behaviour
    {
        public RenderTexture targetTexture { get; set; }

        public int pixelWidth
        {
            get { return 64; }
        }

        public int pixelHeight
        {
            get { return 48; }
        }

        public static Camera[] allCameras
        {
            get { return Cameras.InScene.ToArray(); }
        }

        // Sky above, which is its background, ground below, and what was there before is gone.
        public void Render()
        {
            byte[] pixels = targetTexture.pixels;
            for (int i = 0; i < pixels.Length; i += 4)
            {
                bool above = i >= pixels.Length / 2;
                pixels[i] = above ? (byte)90 : (byte)60;
                pixels[i + 1] = above ? (byte)160 : (byte)90;
                pixels[i + 2] = above ? (byte)250 : (byte)30;
                pixels[i + 3] = above ? (byte)0 : (byte)255; // as Camera.backgroundColor has it
            }
        }
    }

    public sealed class Sprite : Object
    {
        Sprite()
        {
        }

        public Texture2D texture { get; private set; }

        public static Sprite Create(Texture2D texture, Rect rect, Vector2 pivot, float pixelsPerUnit)
        {
            texture.MustExist();
            return new Sprite { texture = texture };
        }
    }

    public sealed class Material : Object
    {
        readonly System.Collections.Generic.Dictionary<string, Texture> textures =
            new System.Collections.Generic.Dictionary<string, Texture>();

        public Texture mainTexture
        {
            get { return GetTexture("_MainTex"); }
            set { SetTexture("_MainTex", value); }
        }

        public Texture GetTexture(string name)
        {
            Texture found;
            return textures.TryGetValue(name, out found) ? found : null;
        }

        public void SetTexture(string name, Texture value)
        {
            textures[name] = value;
        }

        public string[] GetTexturePropertyNames()
        {
            var names = new string[textures.Count];
            textures.Keys.CopyTo(names, 0);
            return names;
        }
    }

    public class Renderer : Component
    {
        public Material sharedMaterial { get; set; }

        public Material[] sharedMaterials
        {
            get { return new[] { sharedMaterial }; }
        }
    }
}

namespace UnityEngine.Experimental.Rendering
{
    public enum GraphicsFormat
    {
        R8G8B8A8_SRGB = 4,
        R8G8B8A8_UNorm = 8,
    }
}

namespace UnityEngine.Rendering
{
    public enum GraphicsDeviceType
    {
        Null = 4,
        Vulkan = 21,
    }

    public struct AsyncGPUReadbackRequest
    {
        internal byte[] read;

        public bool done
        {
            get { return read != null; }
        }

        public bool hasError
        {
            get { return read == null; }
        }

        public NativeArray<T> GetData<T>(int layer = 0) where T : struct
        {
            return new NativeArray<T>((T[])(object)read);
        }
    }

    public static class AsyncGPUReadback
    {
        static byte[] memory = new byte[0];

        // What was read is valid in the callback alone, so one piece of memory will do.
        public static AsyncGPUReadbackRequest Request(
            Texture src, int mipIndex, TextureFormat dstFormat,
            Action<AsyncGPUReadbackRequest> callback = null)
        {
            Player.MustBeMainThread("AsyncGPUReadback");
            src.MustExist();
            Requests++;
            Pending.Add(src, callback);
            return default(AsyncGPUReadbackRequest);
        }

        public static void WaitAllRequests()
        {
            Pending.Finish();
        }

        internal static bool Fails;
        internal static int Requests;

        static class Pending
        {
            static readonly System.Collections.Generic.List<Texture> sources =
                new System.Collections.Generic.List<Texture>();
            static readonly System.Collections.Generic.List<Action<AsyncGPUReadbackRequest>> callbacks =
                new System.Collections.Generic.List<Action<AsyncGPUReadbackRequest>>();
            static readonly Action finish = Finish;

            internal static void Add(Texture source, Action<AsyncGPUReadbackRequest> callback)
            {
                sources.Add(source);
                callbacks.Add(callback);
                Player.AtEndOfFrame(finish);
            }

            internal static void Finish()
            {
                for (int i = 0; i < sources.Count; i++)
                {
                    bool lost = Fails || sources[i] == null;
                    if (!lost && memory.Length != sources[i].pixels.Length)
                    {
                        memory = new byte[sources[i].pixels.Length];
                    }
                    if (!lost)
                    {
                        Buffer.BlockCopy(sources[i].pixels, 0, memory, 0, memory.Length);
                    }
                    callbacks[i](new AsyncGPUReadbackRequest { read = lost ? null : memory });
                }
                sources.Clear();
                callbacks.Clear();
            }
        }
    }
}

namespace UnityShim
{
    using UnityEngine;
    using UnityEngine.Rendering;

    /// What is inside of textures. Rows count from the bottom.
    public static class Inside
    {
        public static void Set(Texture texture, int x, int y, byte r, byte g, byte b, byte a)
        {
            int at = 4 * (y * texture.width + x);
            texture.pixels[at] = r;
            texture.pixels[at + 1] = g;
            texture.pixels[at + 2] = b;
            texture.pixels[at + 3] = a;
        }

        public static Color32 Get(Texture texture, int x, int y)
        {
            int at = 4 * (y * texture.width + x);
            byte[] pixels = texture.pixels;
            return new Color32(pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]);
        }

        /// Leave it on the GPU alone, as import settings without Read/Write do.
        public static void ForgetMemory(Texture2D texture)
        {
            texture.ForgetMemory();
        }

        /// Compress it, as import settings do; without losses here.
        public static void Compress(Texture2D texture)
        {
            texture.Compress();
        }

        /// How many textures were made and not destroyed.
        public static int Alive
        {
            get { return Texture2D.Alive; }
        }

        /// How many temporary render textures were got and not given back.
        public static int Temporaries
        {
            get { return RenderTexture.Temporaries; }
        }

        /// Whether reading from the GPU fails, as where the device was lost.
        public static bool ReadbackFails
        {
            get { return AsyncGPUReadback.Fails; }
            set { AsyncGPUReadback.Fails = value; }
        }

        /// How often something was read from the GPU without waiting.
        public static int Readbacks
        {
            get { return AsyncGPUReadback.Requests; }
        }

        /// Whether there is a GPU; there is none with -nographics.
        public static bool HasGpu
        {
            set { SystemInfo.graphicsDeviceType = value ? GraphicsDeviceType.Vulkan : GraphicsDeviceType.Null; }
        }

        public static bool CanReadBack
        {
            get { return SystemInfo.supportsAsyncGPUReadback; }
            set { SystemInfo.supportsAsyncGPUReadback = value; }
        }

        public static ColorSpace ColorSpace
        {
            get { return QualitySettings.activeColorSpace; }
            set { QualitySettings.activeColorSpace = value; }
        }
    }

    /// The cameras of the machine, and those of the scene.
    public static class Cameras
    {
        public static readonly System.Collections.Generic.List<WebCamTexture> Opened =
            new System.Collections.Generic.List<WebCamTexture>();
        public static readonly System.Collections.Generic.List<Camera> InScene =
            new System.Collections.Generic.List<Camera>();

        public static void Plugged(params string[] names)
        {
            WebCamTexture.Found(names);
        }

        /// What all that are open see from now on.
        public static void Show(Texture2D picture, int angle, bool mirrored)
        {
            foreach (WebCamTexture each in Opened)
            {
                each.Deliver(picture, angle, mirrored);
            }
        }
    }
}
