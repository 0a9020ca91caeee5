using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Nijigan;

namespace NijiganEditor
{
    /// <summary>
    /// A style as `nijigan export --to unity` writes it: NAME.nijiganstyle, JSON with the keys of
    /// style.json, and beside it the files that it names with their hashes.
    /// </summary>
    internal sealed class StyleFile
    {
        /// <summary>The picture of a photo and its drawing.</summary>
        public const string Preview = "preview.png";

        private const int Format = 1;
        private const string ExportAgain = "Export the style again: nijigan export STYLE --to unity -o FOLDER";
        private const string CopyAll = "Copy the whole folder that nijigan export wrote.";
        private static readonly Regex FileName = new Regex(@"\A[A-Za-z0-9_]+\.[a-z]+\z");

        private readonly string path;
        private readonly IDictionary<string, object> content;
        private readonly IDictionary<string, object> hashes;

        private StyleFile(string path, IDictionary<string, object> content)
        {
            this.path = path;
            this.content = content;
            double format = Take<double>(content, "format");
            if (format != Format)
                throw Damaged($"its format is {format}, and this package reads format {Format}", "Update the package.");
            hashes = Take<IDictionary<string, object>>(content, "sha256");
            foreach (string name in hashes.Keys)
                if (!FileName.IsMatch(name)) throw Damaged($"'{name}' cannot be the name of a file beside it");
        }

        /// <summary>The names of the files that belong to it.</summary>
        public IEnumerable<string> Files => hashes.Keys;

        /// <summary>Reads one. The files beside it are not looked at.</summary>
        /// <param name="path">Path of the asset.</param>
        /// <returns>The file.</returns>
        /// <exception cref="StylizerException">It cannot be read, or is not such a file.</exception>
        public static StyleFile Read(string path)
        {
            try
            {
                string text = File.ReadAllText(path, new UTF8Encoding(false, true));
                var content = Json.Parse(text) as IDictionary<string, object>;
                if (content == null) throw new FormatException("It is no object.");
                return new StyleFile(path, content);
            }
            catch (Exception error) when (error is FormatException || error is ArgumentException)
            {
                throw Error(path, $"not JSON ({error.Message.TrimEnd('.')})", ExportAgain, error);
            }
            catch (Exception error) when (IsUnreadable(error))
            {
                throw Error(path, $"cannot be read ({error.Message.TrimEnd('.')})", "Let it be read.", error);
            }
        }

        /// <summary>Where a file of the style is.</summary>
        /// <param name="name">One of <see cref="Files"/>.</param>
        /// <returns>Path of the asset.</returns>
        public string PathOf(string name)
        {
            return $"{Path.GetDirectoryName(path).Replace('\\', '/')}/{name}";
        }

        /// <summary>Compares each file with its hash.</summary>
        /// <exception cref="StylizerException">One is missing, or another.</exception>
        public void CheckFiles()
        {
            foreach (string name in Files)
            {
                string file = PathOf(name);
                try
                {
                    if (Sha256(file) == Take<string>(hashes, name)) continue;
                }
                catch (Exception error) when (IsUnreadable(error))
                {
                    throw Error(file, $"belongs to {Path.GetFileName(path)} and cannot be read", CopyAll, error);
                }
                throw Error(
                    file, $"not the file that {Path.GetFileName(path)} names (sha256)",
                    "Fetch it, where it is kept by Git LFS; else: " + ExportAgain);
            }
        }

        /// <summary>The files of the networks.</summary>
        /// <returns>By quality, the fastest first, one of <see cref="Files"/>.</returns>
        /// <exception cref="StylizerException">One is not named.</exception>
        public IEnumerable<KeyValuePair<Quality, string>> Networks()
        {
            var qualities = Take<IDictionary<string, object>>(content, "qualities");
            foreach (Quality quality in new[] { Quality.Draft, Quality.Normal, Quality.Fine })
            {
                var facts = Take<IDictionary<string, object>>(qualities, quality.ToString().ToLowerInvariant());
                string name = Take<string>(facts, "file");
                if (!hashes.ContainsKey(name)) throw Damaged($"'{name}' has no sha256");
                yield return new KeyValuePair<Quality, string>(quality, name);
            }
        }

        /// <summary>Writes into an asset what the style is; networks are not part of it.</summary>
        /// <param name="asset">The asset.</param>
        /// <exception cref="StylizerException">A key is missing, or has a value of another kind.</exception>
        public void Describe(StyleAsset asset)
        {
            asset.styleName = Take<string>(content, "name");
            asset.title = Take<string>(content, "title");
            asset.version = Take<string>(content, "version");
            asset.description = Take<string>(content, "description");
            asset.license = Take<string>(content, "license");
            asset.making = Making();
            asset.limits = Take<IList<object>>(content, "limits").OfType<string>().ToArray();
            asset.sideMultiple = Count(content, "input_multiple");
            asset.fixedSizePx = content.TryGetValue("fixed_size", out object none) && none == null
                ? 0
                : Count(content, "fixed_size");
            asset.workingShortSidePx = Count(Take<IDictionary<string, object>>(content, "scale"), "working_short_side");
        }

        // As the style's model card has it. What a training says of itself is free.
        private string Making()
        {
            var generator = Take<IDictionary<string, object>>(content, "generator");
            var training = Take<IDictionary<string, object>>(content, "training");
            string weights = Number(Take<double>(generator, "parameters"));
            string made = $"Network {Take<string>(generator, "name")}, {weights} weights, "
                + $"trained by {Take<string>(content, "method")}";
            if (training.TryGetValue("steps", out object steps) && steps is double)
                made += $", {Number((double)steps)} steps";
            if (training.TryGetValue("hours", out object hours) && hours is double)
                made += $" in {Number((double)hours)} hours";
            return training.TryGetValue("data", out object data) && data is string ? $"{made}. Data: {data}" : made + ".";
        }

        private static string Number(double value)
        {
            return value.ToString("#,0.#", CultureInfo.InvariantCulture);
        }

        private int Count(IDictionary<string, object> from, string key)
        {
            double value = Take<double>(from, key);
            if (value >= 1 && value <= int.MaxValue && value == Math.Floor(value)) return (int)value;
            throw Damaged($"'{key}' is {value.ToString(CultureInfo.InvariantCulture)}, which is no number of pixels");
        }

        private T Take<T>(IDictionary<string, object> from, string key)
        {
            if (!from.TryGetValue(key, out object value)) throw Damaged($"'{key}' is missing");
            if (!(value is T)) throw Damaged($"'{key}' has a value of another kind");
            return (T)value;
        }

        private static string Sha256(string file)
        {
            using (SHA256 hash = SHA256.Create())
            using (FileStream stream = File.OpenRead(file))
                return string.Concat(hash.ComputeHash(stream).Select(each => each.ToString("x2")));
        }

        private static bool IsUnreadable(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException;
        }

        private StylizerException Damaged(string fact, string remedy = ExportAgain)
        {
            return Error(path, fact, remedy);
        }

        private static StylizerException Error(string file, string fact, string remedy, Exception inner = null)
        {
            return new StylizerException($"{file}: {fact}.", remedy, StatusCode.DataLoss, inner: inner);
        }
    }
}
