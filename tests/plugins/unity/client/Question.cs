using System;
using System.Collections.Generic;
using System.IO;

namespace Nijigan.Tests
{
    /// <summary>One line that the tests ask: a JSON object.</summary>
    internal sealed class Question
    {
        private readonly Dictionary<string, object> members;

        public Question(string line)
        {
            members = (Dictionary<string, object>)Json.Parse(line);
        }

        public string Text(string name, string usual = null) => members.TryGetValue(name, out object value) ? (string)value : usual;

        public int Number(string name, int usual = 0) => members.TryGetValue(name, out object value) ? (int)(double)value : usual;

        public bool Truth(string name) => members.TryGetValue(name, out object value) && value is bool && (bool)value;

        public bool? MaybeTruth(string name) => members.TryGetValue(name, out object value) ? (bool?)value : null;

        public List<object> Items(string name) => members.TryGetValue(name, out object value) ? (List<object>)value : new List<object>();

        public float Float(string name, float usual) => members.TryGetValue(name, out object value) ? (float)(double)value : usual;

        public T Choice<T>(string name, T usual)
            where T : struct
        {
            return members.TryGetValue(name, out object value) ? (T)Enum.Parse(typeof(T), (string)value, true) : usual;
        }

        public TimeSpan? Timeout => members.TryGetValue("timeout", out object value) ? TimeSpan.FromSeconds((double)value) : (TimeSpan?)null;

        public Picture Picture()
        {
            byte[] bytes = File.ReadAllBytes(Text("picture"));
            PictureFormat format = Choice("format", PictureFormat.Rgba8);
            return format == PictureFormat.Encoded ? Nijigan.Picture.Encoded(bytes) : new Picture(bytes, Number("width"), Number("height"), format);
        }

        public StylizeSettings Settings()
        {
            int side = Number("side");
            Scale scale = side > 0 ? Scale.ShortSidePx(side) : Text("scale") == "native" ? Scale.Native : Scale.Auto;
            List<object> region = Items("region");
            PictureRegion? part = region.Count == 0 ? (PictureRegion?)null : new PictureRegion(ToInt(region[0]), ToInt(region[1]), ToInt(region[2]), ToInt(region[3]));
            return new StylizeSettings(
                Text("style", "any"),
                Float("strength", 1f),
                Choice("quality", Quality.Normal),
                scale,
                Choice("result", PictureFormat.Unspecified),
                part,
                Choice("priority", Priority.Unspecified),
                Truth("steady"));
        }

        private static int ToInt(object number) => (int)(double)number;
    }
}
