// Objects, components and their life, as far as the package uses them. Signatures are those of
// Unity 2021.3 and 6000.3; bodies do what Unity's manual says, without an engine.
using System;
using System.Collections.Generic;
using System.Reflection;
using UnityShim;

[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("UnityEditor")]

namespace UnityEngine
{
    public class Object
    {
        internal bool destroyed;

        public Object()
        {
            name = "";
        }

        public string name { get; set; }

        public HideFlags hideFlags { get; set; }

        public static implicit operator bool(Object exists)
        {
            return exists != null;
        }

        // What is destroyed equals null, as in the engine.
        public static bool operator ==(Object x, Object y)
        {
            bool noX = ReferenceEquals(x, null) || x.destroyed;
            bool noY = ReferenceEquals(y, null) || y.destroyed;
            return noX || noY ? noX && noY : ReferenceEquals(x, y);
        }

        public static bool operator !=(Object x, Object y)
        {
            return !(x == y);
        }

        public override bool Equals(object other)
        {
            return other is Object ? this == (Object)other : other == null && destroyed;
        }

        public override int GetHashCode()
        {
            return base.GetHashCode();
        }

        public override string ToString()
        {
            return name + " (" + GetType().Name + ")";
        }

        public static void Destroy(Object obj)
        {
            Player.DestroyAtEndOfFrame(obj);
        }

        public static void DestroyImmediate(Object obj)
        {
            Player.DestroyNow(obj);
        }

        public static void DestroyImmediate(Object obj, bool allowDestroyingAssets)
        {
            Player.DestroyNow(obj);
        }

        // Unity throws this from what asks anything of a destroyed object.
        internal void MustExist()
        {
            if (destroyed)
            {
                throw new MissingReferenceException(
                    "The object of type '" + GetType().Name + "' has been destroyed");
            }
        }

        internal virtual void Destroyed()
        {
        }
    }

    public class MissingReferenceException : Exception
    {
        public MissingReferenceException(string message) : base(message)
        {
        }
    }

    public class UnityException : Exception
    {
        public UnityException(string message) : base(message)
        {
        }
    }

    [Flags]
    public enum HideFlags
    {
        None = 0,
        HideAndDontSave = 61,
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }

        public T GetComponent<T>()
        {
            return gameObject.GetComponent<T>();
        }
    }

    public class Behaviour : Component
    {
        bool on = true;

        public bool enabled
        {
            get { return on; }
            set
            {
                if (on != value)
                {
                    on = value;
                    Player.Send(this, value ? "OnEnable" : "OnDisable");
                }
            }
        }

        public bool isActiveAndEnabled
        {
            get { return on && !destroyed; }
        }
    }

    public class MonoBehaviour : Behaviour
    {
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject
        {
            var made = Activator.CreateInstance<T>();
            Player.Send(made, "OnEnable");
            return made;
        }
    }

    public sealed class GameObject : Object
    {
        internal readonly List<Component> components = new List<Component>();

        public GameObject(string name)
        {
            this.name = name;
        }

        public T AddComponent<T>() where T : Component
        {
            var made = Activator.CreateInstance<T>();
            made.gameObject = this;
            made.name = name;
            components.Add(made);
            Player.Begin(made);
            return made;
        }

        public T GetComponent<T>()
        {
            foreach (Component each in components)
            {
                if (each is T && !each.destroyed)
                {
                    return (T)(object)each;
                }
            }
            return default(T);
        }

        internal override void Destroyed()
        {
            foreach (Component each in components)
            {
                Player.DestroyNow(each);
            }
        }
    }

    public static class Application
    {
        public static event Action quitting;

        public static bool isPlaying { get; internal set; }

        public static string persistentDataPath { get; internal set; }

        public static string unityVersion
        {
            get { return "shim"; }
        }

        public static RuntimePlatform platform
        {
            get { return RuntimePlatform.LinuxPlayer; }
        }

        public static AsyncOperation RequestUserAuthorization(UserAuthorization mode)
        {
            return new AsyncOperation();
        }

        public static bool HasUserAuthorization(UserAuthorization mode)
        {
            return Player.CameraAllowed;
        }

        internal static void Quit()
        {
            if (quitting != null)
            {
                quitting();
            }
        }
    }

    public enum RuntimePlatform
    {
        LinuxPlayer = 13,
        WebGLPlayer = 17,
    }

    public enum UserAuthorization
    {
        WebCam = 1,
        Microphone = 2,
    }

    public class AsyncOperation
    {
        public bool isDone
        {
            get { return true; }
        }
    }

    public static class Debug
    {
        public static void Log(object message)
        {
            Player.Logged.Add("log: " + message);
        }

        public static void LogWarning(object message)
        {
            Player.Logged.Add("warning: " + message);
        }

        public static void LogWarning(object message, Object context)
        {
            Player.Logged.Add("warning: " + message);
        }

        public static void LogError(object message, Object context)
        {
            Player.Logged.Add("error: " + message);
        }

        public static void LogException(Exception exception)
        {
            Player.Logged.Add("exception: " + exception);
        }

        public static void LogException(Exception exception, Object context)
        {
            Player.Logged.Add("exception: " + exception);
        }
    }

    public static class Mathf
    {
        public static int Clamp(int value, int min, int max)
        {
            return Math.Max(min, Math.Min(max, value));
        }

        public static float Clamp01(float value)
        {
            return Math.Max(0f, Math.Min(1f, value));
        }

        public static int Min(int a, int b)
        {
            return Math.Min(a, b);
        }

        public static int Max(int a, int b)
        {
            return Math.Max(a, b);
        }

        public static float Min(float a, float b)
        {
            return Math.Min(a, b);
        }

        public static int RoundToInt(float f)
        {
            return (int)Math.Round(f);
        }
    }

    public struct Vector2
    {
        public float x;
        public float y;

        public Vector2(float x, float y)
        {
            this.x = x;
            this.y = y;
        }

        public static Vector2 zero
        {
            get { return new Vector2(0f, 0f); }
        }
    }

    // Of 4×4 numbers, those that move and turn what is flat.
    public struct Matrix4x4
    {
        public float m00;
        public float m01;
        public float m03;
        public float m10;
        public float m11;
        public float m13;

        public static Matrix4x4 identity
        {
            get { return new Matrix4x4 { m00 = 1f, m11 = 1f }; }
        }

        public static Matrix4x4 operator *(Matrix4x4 a, Matrix4x4 b)
        {
            return new Matrix4x4
            {
                m00 = a.m00 * b.m00 + a.m01 * b.m10,
                m01 = a.m00 * b.m01 + a.m01 * b.m11,
                m03 = a.m00 * b.m03 + a.m01 * b.m13 + a.m03,
                m10 = a.m10 * b.m00 + a.m11 * b.m10,
                m11 = a.m10 * b.m01 + a.m11 * b.m11,
                m13 = a.m10 * b.m03 + a.m11 * b.m13 + a.m13,
            };
        }

        // Where a point was before it was moved and turned.
        internal Vector2 Before(float x, float y)
        {
            float size = m00 * m11 - m01 * m10;
            x -= m03;
            y -= m13;
            return new Vector2((m11 * x - m01 * y) / size, (m00 * y - m10 * x) / size);
        }
    }

    public struct Rect
    {
        public Rect(float x, float y, float width, float height)
        {
            this.x = x;
            this.y = y;
            this.width = width;
            this.height = height;
        }

        public float x { get; set; }

        public float y { get; set; }

        public float width { get; set; }

        public float height { get; set; }

        public Vector2 center
        {
            get { return new Vector2(x + width / 2f, y + height / 2f); }
        }
    }

    public struct Color
    {
        public float r;
        public float g;
        public float b;
        public float a;

        public Color(float r, float g, float b)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            a = 1f;
        }

        public static Color white
        {
            get { return new Color(1f, 1f, 1f); }
        }

        public static Color yellow
        {
            get { return new Color(1f, 0.92f, 0.016f); }
        }
    }

    public struct Color32
    {
        public byte r;
        public byte g;
        public byte b;
        public byte a;

        public Color32(byte r, byte g, byte b, byte a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    public abstract class PropertyAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class RangeAttribute : PropertyAttribute
    {
        public readonly float min;
        public readonly float max;

        public RangeAttribute(float min, float max)
        {
            this.min = min;
            this.max = max;
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class MinAttribute : PropertyAttribute
    {
        public readonly float min;

        public MinAttribute(float min)
        {
            this.min = min;
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public class TooltipAttribute : PropertyAttribute
    {
        public readonly string tooltip;

        public TooltipAttribute(string tooltip)
        {
            this.tooltip = tooltip;
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menuName)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CreateAssetMenuAttribute : Attribute
    {
        public string menuName { get; set; }

        public string fileName { get; set; }

        public int order { get; set; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class HelpURLAttribute : Attribute
    {
        public HelpURLAttribute(string url)
        {
        }
    }
}

namespace UnityShim
{
    using UnityEngine;

    /// The player loop: what a test calls instead of waiting for an engine.
    public static class Player
    {
        public static readonly List<string> Logged = new List<string>();
        public static bool CameraAllowed = true;

        static readonly List<Component> living = new List<Component>();
        static readonly List<Component> starting = new List<Component>();
        static readonly List<Object> dying = new List<Object>();
        static readonly List<Action> atEndOfFrame = new List<Action>();
        static MainThread mainThread;

        /// Make this the main thread; `data` is the folder of the application's own files.
        public static void Start(string data)
        {
            mainThread = new MainThread();
            System.Threading.SynchronizationContext.SetSynchronizationContext(mainThread);
            Application.isPlaying = true;
            Application.persistentDataPath = data;
        }

        public static void MustBeMainThread(string what)
        {
            if (System.Threading.SynchronizationContext.Current != mainThread)
            {
                throw new UnityException(what + " can only be called from the main thread.");
            }
        }

        /// Let one frame pass: Update, what was posted, what the GPU has read, the end of the dying.
        public static void Frame()
        {
            for (int i = 0; i < starting.Count; i++)
            {
                Send(starting[i], "Start");
            }
            starting.Clear();
            for (int i = 0; i < living.Count; i++)
            {
                if (((Behaviour)living[i]).isActiveAndEnabled)
                {
                    Update(living[i]);
                }
            }
            mainThread.Run();
            for (int i = 0; i < atEndOfFrame.Count; i++)
            {
                atEndOfFrame[i]();
            }
            atEndOfFrame.Clear();
            for (int i = 0; i < dying.Count; i++)
            {
                DestroyNow(dying[i]);
            }
            dying.Clear();
        }

        /// Let frames pass until it is so; more than `seconds` is an error.
        public static void Until(Func<bool> so, string what, int seconds = 30)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            while (!so())
            {
                if (watch.Elapsed.TotalSeconds > seconds)
                {
                    throw new TimeoutException("This did not come: " + what);
                }
                Frame();
                System.Threading.Thread.Sleep(1);
            }
        }

        public static void Quit()
        {
            Application.Quit();
            Frame();
        }

        internal static void AtEndOfFrame(Action action)
        {
            atEndOfFrame.Add(action);
        }

        internal static void Begin(Component made)
        {
            Send(made, "Awake");
            Send(made, "OnEnable");
            starting.Add(made);
            if (made is Behaviour)
            {
                living.Add(made);
                updates.Add(made, Find(made, "Update"));
            }
        }

        internal static void DestroyAtEndOfFrame(Object obj)
        {
            dying.Add(obj);
        }

        internal static void DestroyNow(Object obj)
        {
            if (ReferenceEquals(obj, null) || obj.destroyed)
            {
                return;
            }
            var behaviour = obj as Behaviour;
            if (!ReferenceEquals(behaviour, null))
            {
                if (behaviour.enabled)
                {
                    Send(behaviour, "OnDisable");
                }
                living.Remove(behaviour);
                starting.Remove(behaviour);
                updates.Remove(behaviour);
            }
            Send(obj, "OnDestroy");
            obj.Destroyed();
            obj.destroyed = true;
        }

        internal static void Send(Object to, string message)
        {
            Action method = Find(to, message);
            if (method != null)
            {
                method();
            }
        }

        static readonly Dictionary<Component, Action> updates = new Dictionary<Component, Action>();

        static void Update(Component each)
        {
            Action update = updates[each];
            if (update != null)
            {
                update();
            }
        }

        static Action Find(Object of, string message)
        {
            const BindingFlags own = BindingFlags.Instance | BindingFlags.Public
                | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            for (Type type = of.GetType(); type != null; type = type.BaseType)
            {
                MethodInfo method = type.GetMethod(message, own, null, Type.EmptyTypes, null);
                if (method != null)
                {
                    return (Action)Delegate.CreateDelegate(typeof(Action), of, method);
                }
            }
            return null;
        }
    }

    /// What is posted is done between two frames, as by UnitySynchronizationContext.
    public sealed class MainThread : System.Threading.SynchronizationContext
    {
        readonly object gate = new object();
        List<KeyValuePair<System.Threading.SendOrPostCallback, object>> posted =
            new List<KeyValuePair<System.Threading.SendOrPostCallback, object>>();
        List<KeyValuePair<System.Threading.SendOrPostCallback, object>> running =
            new List<KeyValuePair<System.Threading.SendOrPostCallback, object>>();

        public override void Post(System.Threading.SendOrPostCallback d, object state)
        {
            lock (gate)
            {
                posted.Add(new KeyValuePair<System.Threading.SendOrPostCallback, object>(d, state));
            }
        }

        public override void Send(System.Threading.SendOrPostCallback d, object state)
        {
            throw new NotSupportedException("A thread that waits for the main thread may wait for ever.");
        }

        public override System.Threading.SynchronizationContext CreateCopy()
        {
            return this;
        }

        public void Run()
        {
            lock (gate)
            {
                var swapped = running;
                running = posted;
                posted = swapped;
            }
            for (int i = 0; i < running.Count; i++)
            {
                running[i].Key(running[i].Value);
            }
            running.Clear();
        }
    }
}
