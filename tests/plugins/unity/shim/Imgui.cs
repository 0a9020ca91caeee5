// Immediate-mode controls. They show their words to the test, and do what the test does to them.
using System;
using System.Collections.Generic;
using UnityShim;

namespace UnityEngine
{
    public class GUILayoutOption
    {
    }

    public class GUIStyle
    {
        public int fontSize { get; set; }

        public bool wordWrap { get; set; }
    }

    public class GUIContent
    {
        public GUIContent(string text)
        {
            this.text = text;
        }

        public GUIContent(string text, string tooltip)
        {
            this.text = text;
            this.tooltip = tooltip;
        }

        public string text { get; set; }

        public string tooltip { get; set; }
    }

    public class GUISkin : ScriptableObject
    {
        public GUIStyle label { get; set; }

        public GUIStyle box { get; set; }
    }

    public class GUI
    {
        static readonly GUISkin usual = new GUISkin { label = new GUIStyle(), box = new GUIStyle() };

        public static bool enabled { get; set; }

        public static bool changed { get; set; }

        public static GUISkin skin
        {
            get { return usual; }
        }

        public static void DrawTexture(Rect position, Texture image, ScaleMode scaleMode)
        {
            Gui.Show(image);
        }

        public static Matrix4x4 matrix { get; set; } = Matrix4x4.identity;

        // The texture's bottom left is at 0, 0 of the coordinates; what is shown has y downwards.
        public static void DrawTextureWithTexCoords(Rect position, Texture image, Rect texCoords)
        {
            Gui.Show(image);
            Matrix4x4 there = matrix;
            Gui.Seen = (x, y) =>
            {
                Vector2 at = there.Before(x, y);
                float u = (at.x - position.x) / position.width;
                float v = 1f - (at.y - position.y) / position.height;
                if (u < 0f || u >= 1f || v < 0f || v >= 1f)
                {
                    return null;
                }
                u = texCoords.x + u * texCoords.width;
                v = texCoords.y + v * texCoords.height;
                return Inside.Get(image, (int)(u * image.width), (int)(v * image.height));
            };
        }
    }

    public class GUILayout
    {
        public static void Label(string text, params GUILayoutOption[] options)
        {
            Gui.Show(text);
        }

        public static void Label(string text, GUIStyle style, params GUILayoutOption[] options)
        {
            Gui.Show(text);
        }

        public static void Label(Texture image, params GUILayoutOption[] options)
        {
            Gui.Show(image);
        }

        public static void Box(Texture image, params GUILayoutOption[] options)
        {
            Gui.Show(image);
        }

        public static bool Button(string text, params GUILayoutOption[] options)
        {
            return Gui.Pressed(text);
        }

        public static bool Button(Texture image, params GUILayoutOption[] options)
        {
            Gui.Show(image);
            return Gui.Pressed(image == null ? "" : image.name);
        }

        public static bool Toggle(bool value, string text, params GUILayoutOption[] options)
        {
            return Gui.Set(text, value);
        }

        public static string TextField(string text, params GUILayoutOption[] options)
        {
            return Gui.Set("text", text);
        }

        public static float HorizontalSlider(
            float value, float leftValue, float rightValue, params GUILayoutOption[] options)
        {
            return Gui.Set("slider", value);
        }

        public static int SelectionGrid(
            int selected, string[] texts, int xCount, params GUILayoutOption[] options)
        {
            for (int i = 0; i < texts.Length; i++)
            {
                if (Gui.Pressed(texts[i]))
                {
                    selected = i;
                }
            }
            return selected;
        }

        public static void Space(float pixels)
        {
        }

        public static void FlexibleSpace()
        {
        }

        public static void BeginHorizontal(params GUILayoutOption[] options)
        {
            Gui.Open("horizontal");
        }

        public static void EndHorizontal()
        {
            Gui.Close("horizontal");
        }

        public static void BeginVertical(params GUILayoutOption[] options)
        {
            Gui.Open("vertical");
        }

        public static void BeginVertical(GUIStyle style, params GUILayoutOption[] options)
        {
            Gui.Open("vertical");
        }

        public static void EndVertical()
        {
            Gui.Close("vertical");
        }

        public static void BeginArea(Rect screenRect)
        {
            Gui.Open("area");
        }

        public static void EndArea()
        {
            Gui.Close("area");
        }

        public static Vector2 BeginScrollView(Vector2 scrollPosition, params GUILayoutOption[] options)
        {
            Gui.Open("scroll view");
            return scrollPosition;
        }

        public static void EndScrollView()
        {
            Gui.Close("scroll view");
        }

        public static GUILayoutOption Width(float width)
        {
            return new GUILayoutOption();
        }

        public static GUILayoutOption Height(float height)
        {
            return new GUILayoutOption();
        }

        public static GUILayoutOption MaxWidth(float maxWidth)
        {
            return new GUILayoutOption();
        }

        public static GUILayoutOption MaxHeight(float maxHeight)
        {
            return new GUILayoutOption();
        }
    }

    public class GUIUtility
    {
        // Clockwise, as y is downwards.
        public static void RotateAroundPivot(float angle, Vector2 pivotPoint)
        {
            float cos = (float)Math.Cos(angle * Math.PI / 180);
            float sin = (float)Math.Sin(angle * Math.PI / 180);
            var turned = new Matrix4x4 { m00 = cos, m01 = -sin, m10 = sin, m11 = cos };
            turned.m03 = pivotPoint.x - cos * pivotPoint.x + sin * pivotPoint.y;
            turned.m13 = pivotPoint.y - sin * pivotPoint.x - cos * pivotPoint.y;
            GUI.matrix = turned * GUI.matrix;
        }
    }

    public class GUILayoutUtility
    {
        public static Rect GetAspectRect(float aspect, params GUILayoutOption[] options)
        {
            return new Rect(0f, 0f, aspect, 1f);
        }
    }

    public sealed class Screen
    {
        public static int width
        {
            get { return 1280; }
        }

        public static int height
        {
            get { return 800; }
        }
    }
}

namespace UnityShim
{
    using UnityEngine;

    /// What a person sees and does.
    public static class Gui
    {
        /// The words and pictures of the last drawing.
        public static readonly List<string> Words = new List<string>();
        public static readonly List<Texture> Pictures = new List<Texture>();

        /// What is seen at a point of the last picture with coordinates; null outside of it. Rects by an
        /// aspect are as wide as that, and 1 high.
        public static Func<float, float, Color32?> Seen;

        static readonly Stack<string> open = new Stack<string>();
        static readonly Dictionary<string, object> values = new Dictionary<string, object>();
        static string press;
        static bool found;

        /// Draw by `draw`, and press the button of that label meanwhile, if one is given.
        public static void Draw(Action draw, string button = null)
        {
            Words.Clear();
            Pictures.Clear();
            Seen = null;
            press = button;
            found = false;
            GUI.enabled = true;
            bool encodes = GL.sRGBWrite;
            GL.sRGBWrite = false;
            draw();
            if (GL.sRGBWrite)
            {
                throw new InvalidOperationException("GL.sRGBWrite was not put back: all that is shown is too bright.");
            }
            GL.sRGBWrite = encodes;
            if (open.Count > 0)
            {
                throw new InvalidOperationException("A " + open.Peek() + " was not ended.");
            }
            if (!GUI.matrix.Equals(Matrix4x4.identity))
            {
                throw new InvalidOperationException("GUI.matrix was not put back.");
            }
            if (button != null && !found)
            {
                throw new InvalidOperationException(
                    "There is no button '" + button + "' among: " + string.Join(" | ", Words.ToArray()));
            }
        }

        /// Draw what an object or a window shows, and press a button meanwhile, if one is given.
        public static void Draw(Object shown, string button = null)
        {
            Draw(() => Player.Send(shown, "OnGUI"), button);
        }

        /// What the control of that label becomes when it is drawn next.
        public static void Enter(string label, object value)
        {
            values[label] = value;
        }

        public static bool Shows(string words)
        {
            return Words.Exists(each => each != null && each.Contains(words));
        }

        internal static void Show(string text)
        {
            Words.Add(text);
        }

        internal static void Show(Texture image)
        {
            if (image != null)
            {
                image.MustExist();
            }
            Pictures.Add(image);
        }

        internal static bool Pressed(string label)
        {
            Words.Add(label);
            bool pressed = press != null && press == label && GUI.enabled;
            found = found || pressed;
            if (pressed)
            {
                press = null;
            }
            return pressed;
        }

        internal static T Set<T>(string label, T value)
        {
            Words.Add(label + ": " + value);
            object entered;
            if (!values.TryGetValue(label, out entered) || !GUI.enabled)
            {
                return value;
            }
            values.Remove(label);
            GUI.changed = true;
            return (T)entered;
        }

        internal static void Open(string what)
        {
            open.Push(what);
        }

        internal static void Close(string what)
        {
            if (open.Count == 0 || open.Pop() != what)
            {
                throw new InvalidOperationException("A " + what + " was ended that was not begun.");
            }
        }
    }
}
