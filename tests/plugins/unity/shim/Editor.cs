// UnityEditor, as far as the package uses it: a project in a folder, whose assets are PNG files, those
// of scripted importers, and what a test puts there.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using UnityEngine;
using UnityShim;
using Object = UnityEngine.Object;

namespace UnityEngine.UIElements
{
    public class VisualElement
    {
    }
}

namespace UnityEditor
{
    public static class AssetDatabase
    {
        public static string GetAssetPath(Object assetObject)
        {
            string path;
            return !ReferenceEquals(assetObject, null) && Project.Paths.TryGetValue(assetObject, out path) ? path : "";
        }

        public static string GenerateUniqueAssetPath(string path)
        {
            string unique = path;
            for (int i = 1; File.Exists(unique); i++)
            {
                unique = Path.ChangeExtension(path, null) + " " + i + Path.GetExtension(path);
            }
            return unique;
        }

        static bool editing;

        public static void StartAssetEditing()
        {
            editing = true;
        }

        public static void StopAssetEditing()
        {
            editing = false;
        }

        // What is no part of the project, or of a package that may be changed, is not imported, and
        // Unity says so in the Console alone.
        public static void ImportAsset(string path)
        {
            PackageManager.PackageInfo package = PackageManager.PackageInfo.FindForAssetPath(path);
            bool mine = package == null
                ? path.StartsWith("Assets/")
                : package.source == PackageManager.PackageSource.Embedded
                    || package.source == PackageManager.PackageSource.Local;
            if (mine && !editing)
            {
                Project.Import(path);
            }
        }

        public static T LoadAssetAtPath<T>(string assetPath) where T : Object
        {
            List<Object> found;
            return Project.Assets.TryGetValue(assetPath, out found) ? found.OfType<T>().FirstOrDefault() : null;
        }

        public static Object[] LoadAllAssetsAtPath(string assetPath)
        {
            List<Object> found;
            return Project.Assets.TryGetValue(assetPath, out found) ? found.ToArray() : new Object[0];
        }
    }

    public class DefaultAsset : Object
    {
    }

    public class Editor : ScriptableObject
    {
        public Object target { get; set; }

        public virtual void OnInspectorGUI()
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public class CustomEditor : Attribute
    {
        internal readonly Type inspected;

        public CustomEditor(Type inspectedType)
        {
            inspected = inspectedType;
        }
    }

    public class AssetImporter : Object
    {
        public string assetPath { get; internal set; }

        public string userData { get; set; }

        public static AssetImporter GetAtPath(string path)
        {
            AssetImporter found;
            return Project.Importers.TryGetValue(path, out found) ? found : null;
        }

        public void SaveAndReimport()
        {
            Project.Import(assetPath);
        }
    }

    public enum TextureImporterType
    {
        Default = 0,
        NormalMap = 1,
        Sprite = 8,
    }

    public sealed class TextureImporter : AssetImporter
    {
        public TextureImporterType textureType { get; set; }

        public bool sRGBTexture { get; set; }

        public int maxTextureSize { get; set; }

        public bool isReadable { get; set; }
    }

    public enum MessageType
    {
        None,
        Info,
        Warning,
        Error,
    }

    public static class Progress
    {
        public enum Status
        {
            Running,
            Succeeded,
            Failed,
            Canceled,
            Paused,
        }

        [Flags]
        public enum Options
        {
            None = 0,
        }

        internal static readonly List<string> Told = new List<string>();

        static readonly Dictionary<int, Func<bool>> cancels = new Dictionary<int, Func<bool>>();
        static int last;

        public static int Start(
            string name, string description = null, Options options = Options.None, int parentId = -1)
        {
            last++;
            Told.Add("start " + name);
            return last;
        }

        public static void Report(int id, float progress, string description)
        {
            Told.Add("report " + progress.ToString("0.00") + " " + description);
        }

        public static void Finish(int id, Status status = Status.Succeeded)
        {
            Told.Add("finish " + status);
            cancels.Remove(id);
        }

        public static void RegisterCancelCallback(int id, Func<bool> callback)
        {
            cancels[id] = callback;
        }

        internal static bool CancelLast()
        {
            return cancels.ContainsKey(last) && cancels[last]();
        }
    }

    public static class Undo
    {
        internal static readonly List<string> Recorded = new List<string>();

        static string group = "";

        public static void RecordObject(Object objectToUndo, string name)
        {
            objectToUndo.MustExist();
            Recorded.Add(group + " / " + name);
        }

        public static void IncrementCurrentGroup()
        {
        }

        public static int GetCurrentGroup()
        {
            return 1;
        }

        public static void SetCurrentGroupName(string name)
        {
            group = name;
        }

        public static void CollapseUndoOperations(int groupIndex)
        {
        }
    }

    public sealed class Selection
    {
        static Object[] chosen = new Object[0];

        public static Object[] objects
        {
            get { return chosen; }
            set { chosen = value; }
        }

        public static Action selectionChanged;

        internal static void Select(params Object[] clicked)
        {
            objects = clicked;
            if (selectionChanged != null)
            {
                selectionChanged();
            }
        }
    }

    public class EditorWindow : ScriptableObject
    {
        public GUIContent titleContent { get; set; }

        public Vector2 minSize { get; set; }

        public static T GetWindow<T>(string title) where T : EditorWindow
        {
            T window = CreateInstance<T>();
            window.titleContent = new GUIContent(title);
            Reloading.Windows.Add(window);
            return window;
        }

        public void Repaint()
        {
        }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName)
        {
        }

        public MenuItem(string itemName, bool isValidateFunction)
        {
        }

        public MenuItem(string itemName, bool isValidateFunction, int priority)
        {
        }
    }

    public sealed class EditorPrefs
    {
        static readonly Dictionary<string, string> kept = new Dictionary<string, string>();

        public static string GetString(string key, string defaultValue)
        {
            string value;
            return kept.TryGetValue(key, out value) ? value : defaultValue;
        }

        public static void SetString(string key, string value)
        {
            kept[key] = value;
        }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public class InitializeOnLoadMethodAttribute : Attribute
    {
    }

    public sealed class EditorApplication
    {
        public delegate void CallbackFunction();

        public static CallbackFunction update;

        public static double timeSinceStartup { get; private set; }

        internal static void Pass(double seconds)
        {
            timeSinceStartup += seconds;
            if (update != null)
            {
                update();
            }
        }
    }

    public class SessionState
    {
        static readonly Dictionary<string, bool> kept = new Dictionary<string, bool>();

        public static void SetBool(string key, bool value)
        {
            kept[key] = value;
        }

        public static bool GetBool(string key, bool defaultValue)
        {
            bool value;
            return kept.TryGetValue(key, out value) ? value : defaultValue;
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public class FilePathAttribute : Attribute
    {
        public enum Location
        {
            PreferencesFolder,
            ProjectFolder,
        }

        public FilePathAttribute(string relativePath, Location location)
        {
        }
    }

    public class ScriptableSingleton<T> : ScriptableObject where T : ScriptableObject
    {
        static T only;

        public static T instance
        {
            get
            {
                if (only == null)
                {
                    only = CreateInstance<T>();
                    Reloading.Singletons.Add(() => only, Renew);
                }
                return only;
            }
        }

        // What is serialized stays.
        static void Renew()
        {
            T before = only;
            only = Activator.CreateInstance<T>();
            foreach (FieldInfo each in typeof(T).GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
            {
                if (each.IsDefined(typeof(SerializeField), false))
                {
                    each.SetValue(only, each.GetValue(before));
                }
            }
        }

        protected virtual void Save(bool saveAsText)
        {
        }
    }

    public enum SettingsScope
    {
        User,
        Project,
    }

    public class SettingsProvider
    {
        public SettingsProvider(string path, SettingsScope scopes, IEnumerable<string> keywords = null)
        {
            settingsPath = path;
        }

        public string settingsPath { get; private set; }

        public string label { get; set; }

        public Action<string> guiHandler { get; set; }

        public Action<string, UnityEngine.UIElements.VisualElement> activateHandler { get; set; }

        public Action deactivateHandler { get; set; }

        public void Repaint()
        {
        }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class SettingsProviderAttribute : Attribute
    {
    }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

        public static event AssemblyReloadCallback beforeAssemblyReload;

        internal static void Tell()
        {
            if (beforeAssemblyReload != null)
            {
                beforeAssemblyReload();
            }
        }
    }

    /// What happens when scripts were changed. In which order objects are enabled then is not said; here
    /// it is windows before singletons.
    static class Reloading
    {
        internal static readonly List<EditorWindow> Windows = new List<EditorWindow>();
        internal static readonly Dictionary<Func<ScriptableObject>, Action> Singletons =
            new Dictionary<Func<ScriptableObject>, Action>();

        internal static void Run()
        {
            AssemblyReloadEvents.Tell();
            Windows.ForEach(each => Player.Send(each, "OnDisable"));
            foreach (KeyValuePair<Func<ScriptableObject>, Action> each in Singletons)
            {
                Player.Send(each.Key(), "OnDisable");
                each.Value();
            }
            Windows.ForEach(each => Player.Send(each, "OnEnable"));
            foreach (Func<ScriptableObject> each in Singletons.Keys.ToList())
            {
                Player.Send(each(), "OnEnable");
            }
            EditorApplication.update = null;
            foreach (MethodInfo each in Code.Types.SelectMany(type => type.GetMethods(
                BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)))
            {
                if (each.IsDefined(typeof(InitializeOnLoadMethodAttribute), false))
                {
                    each.Invoke(null, null);
                }
            }
        }
    }

    public class EditorUtility
    {
        internal static readonly List<string> Revealed = new List<string>();

        public static void RevealInFinder(string path)
        {
            Revealed.Add(path);
        }

        public static void SetDirty(Object target)
        {
            target.MustExist();
        }

        public static string OpenFilePanel(string title, string directory, string extension)
        {
            return "";
        }

        public static string OpenFilePanelWithFilters(string title, string directory, string[] filters)
        {
            return "";
        }
    }

    public sealed class EditorGUIUtility
    {
        public static string systemCopyBuffer { get; set; }

        public static void PingObject(Object obj)
        {
            obj.MustExist();
        }
    }

    public sealed class EditorStyles
    {
        static readonly GUIStyle any = new GUIStyle();

        public static GUIStyle boldLabel
        {
            get { return any; }
        }

        public static GUIStyle wordWrappedLabel
        {
            get { return any; }
        }

        public static GUIStyle wordWrappedMiniLabel
        {
            get { return any; }
        }

        public static GUIStyle helpBox
        {
            get { return any; }
        }
    }

    public sealed class EditorGUI
    {
        public struct DisabledScope : IDisposable
        {
            readonly bool before;

            public DisabledScope(bool disabled)
            {
                before = GUI.enabled;
                GUI.enabled = before && !disabled;
            }

            public void Dispose()
            {
                GUI.enabled = before;
            }
        }

        public static void BeginChangeCheck()
        {
            GUI.changed = false;
        }

        public static bool EndChangeCheck()
        {
            return GUI.changed;
        }
    }

    public sealed class EditorGUILayout
    {
        public static void LabelField(string label, params GUILayoutOption[] options)
        {
            Gui.Show(label);
        }

        public static void LabelField(string label, GUIStyle style, params GUILayoutOption[] options)
        {
            Gui.Show(label);
        }

        public static void LabelField(string label, string label2, params GUILayoutOption[] options)
        {
            Gui.Show(label + ": " + label2);
        }

        public static void SelectableLabel(string text, params GUILayoutOption[] options)
        {
            Gui.Show(text);
        }

        public static void HelpBox(string message, MessageType type)
        {
            Gui.Show(message);
        }

        public static float Slider(
            string label, float value, float leftValue, float rightValue, params GUILayoutOption[] options)
        {
            return Gui.Set(label, value);
        }

        public static int IntField(string label, int value, params GUILayoutOption[] options)
        {
            return Gui.Set(label, value);
        }

        public static string TextField(string label, string text, params GUILayoutOption[] options)
        {
            return Gui.Set(label, text);
        }

        public static bool Toggle(string label, bool value, params GUILayoutOption[] options)
        {
            return Gui.Set(label, value);
        }

        public static int Popup(
            string label, int selectedIndex, string[] displayedOptions, params GUILayoutOption[] options)
        {
            return Gui.Set(label, selectedIndex);
        }

        public static Enum EnumPopup(string label, Enum selected, params GUILayoutOption[] options)
        {
            return Gui.Set(label, selected);
        }

        public static Object ObjectField(
            string label, Object obj, Type objType, bool allowSceneObjects, params GUILayoutOption[] options)
        {
            return Gui.Set(label, obj);
        }

        public static void Space()
        {
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

        public static Rect BeginHorizontal(params GUILayoutOption[] options)
        {
            Gui.Open("horizontal");
            return new Rect(0f, 0f, 0f, 0f);
        }

        public static void EndHorizontal()
        {
            Gui.Close("horizontal");
        }
    }
}

namespace UnityEditor.PackageManager
{
    public enum PackageSource
    {
        Unknown = 0,
        Registry = 1,
        BuiltIn = 2,
        Embedded = 3,
        Local = 4,
        Git = 5,
        LocalTarball = 6,
    }

    public sealed class PackageInfo
    {
        internal static readonly Dictionary<string, PackageSource> Installed = new Dictionary<string, PackageSource>();

        PackageInfo(PackageSource source)
        {
            this.source = source;
        }

        public PackageSource source { get; private set; }

        public static PackageInfo FindForAssetPath(string assetPath)
        {
            string[] parts = assetPath.Split('/');
            PackageSource found;
            bool isThere = parts.Length > 2 && parts[0] == "Packages" && Installed.TryGetValue(parts[1], out found);
            return isThere ? new PackageInfo(Installed[parts[1]]) : null;
        }
    }
}

namespace UnityEditor.AssetImporters
{
    public abstract class ScriptedImporter : AssetImporter
    {
        public abstract void OnImportAsset(AssetImportContext ctx);
    }

    [AttributeUsage(AttributeTargets.Class, Inherited = false)]
    public class ScriptedImporterAttribute : Attribute
    {
        public ScriptedImporterAttribute(int version, string ext, int importQueueOffset)
        {
            fileExtensions = new[] { ext };
        }

        public string[] fileExtensions { get; private set; }
    }

    public class AssetImportContext
    {
        internal readonly List<Object> objects = new List<Object>();
        internal readonly Dictionary<Object, Texture2D> thumbnails = new Dictionary<Object, Texture2D>();
        internal readonly List<string> dependencies = new List<string>();

        internal AssetImportContext(string path)
        {
            assetPath = path;
        }

        public string assetPath { get; internal set; }

        public Object mainObject { get; private set; }

        public void SetMainObject(Object obj)
        {
            if (!objects.Contains(obj))
            {
                throw new InvalidOperationException("The main object is not one of the asset's.");
            }
            mainObject = obj;
        }

        public void AddObjectToAsset(string identifier, Object obj)
        {
            AddObjectToAsset(identifier, obj, null);
        }

        public void AddObjectToAsset(string identifier, Object obj, Texture2D thumbnail)
        {
            obj.MustExist();
            objects.Add(obj);
            thumbnails[obj] = thumbnail;
        }

        public void DependsOnSourceAsset(string path)
        {
            dependencies.Add("source " + path);
        }

        public void DependsOnArtifact(string path)
        {
            dependencies.Add("artifact " + path);
        }

        public void LogImportError(string msg, Object obj = null)
        {
            Player.Logged.Add("import error: " + msg);
        }
    }

    public abstract class AssetImporterEditor : Editor
    {
        internal Object imported;

        protected internal Object assetTarget
        {
            get { return imported; }
        }

        protected virtual bool needsApplyRevert
        {
            get { return true; }
        }

        public virtual bool showImportedObject
        {
            get { return true; }
        }

        internal void MustBeDone()
        {
            // Unity logs an error where an editor draws no Apply and Revert, and does not say so.
            if (needsApplyRevert)
            {
                throw new InvalidOperationException("OnInspectorGUI must call ApplyRevertGUI.");
            }
        }
    }

    public class ScriptedImporterEditor : AssetImporterEditor
    {
    }
}

namespace UnityEditor.Presets
{
    public sealed class Preset : Object
    {
        readonly TextureImporter kept;

        public Preset(Object source)
        {
            kept = (TextureImporter)source;
        }

        public bool CanBeAppliedTo(Object target)
        {
            return target is TextureImporter;
        }

        public bool ApplyTo(Object target)
        {
            var importer = (TextureImporter)target;
            importer.textureType = kept.textureType;
            importer.sRGBTexture = kept.sRGBTexture;
            importer.maxTextureSize = kept.maxTextureSize;
            importer.isReadable = kept.isReadable;
            importer.userData = kept.userData;
            return true;
        }
    }
}

namespace UnityShim
{
    using UnityEditor;
    using UnityEditor.AssetImporters;

    /// What a person does in the Editor, and what is seen of it.
    public static class Desk
    {
        /// What tasks in the background told: started, reported, finished.
        public static IList<string> Told
        {
            get { return Progress.Told; }
        }

        /// What undo would bring back, by its group and name.
        public static IList<string> Undoable
        {
            get { return Undo.Recorded; }
        }

        /// The folders that were shown.
        public static IList<string> Revealed
        {
            get { return EditorUtility.Revealed; }
        }

        /// Press the cross of the newest background task.
        public static bool CancelTask()
        {
            return Progress.CancelLast();
        }

        /// Click in the Project window.
        public static void Select(params Object[] chosen)
        {
            Selection.Select(chosen);
        }

        /// What the Inspector shows of an asset that a scripted importer has imported.
        public static void Inspect(string path)
        {
            AssetImporter importer = AssetImporter.GetAtPath(path);
            Type type = Code.Types.Single(each => each.GetCustomAttributes(typeof(CustomEditor), false)
                .Cast<CustomEditor>().Any(custom => custom.inspected == importer.GetType()));
            var editor = (AssetImporterEditor)Activator.CreateInstance(type);
            editor.target = importer;
            editor.imported = AssetDatabase.LoadAssetAtPath<Object>(path);
            Gui.Draw(editor.OnInspectorGUI);
            editor.MustBeDone();
        }

        /// Let time pass, after which the Editor updates once.
        public static void Pass(double seconds)
        {
            EditorApplication.Pass(seconds);
        }

        /// Change a script.
        public static void Reload()
        {
            Reloading.Run();
        }
    }

    /// The project that is open: the working directory, as in Unity.
    public static class Project
    {
        internal static readonly Dictionary<Object, string> Paths = new Dictionary<Object, string>();
        internal static readonly Dictionary<string, List<Object>> Assets = new Dictionary<string, List<Object>>();
        internal static readonly Dictionary<string, AssetImporter> Importers =
            new Dictionary<string, AssetImporter>();

        /// What the Project window shows of an asset that a scripted importer has imported; null: an icon.
        public static readonly Dictionary<string, Texture2D> Thumbnails = new Dictionary<string, Texture2D>();

        /// Have a package.
        public static void Install(string name, UnityEditor.PackageManager.PackageSource source)
        {
            UnityEditor.PackageManager.PackageInfo.Installed[name] = source;
        }

        /// Have an asset that nothing here can read.
        public static void Put(string path, Object asset)
        {
            Assets[path] = new List<Object> { asset };
            Paths[asset] = path;
        }

        /// Read a file by the scripted importer of its extension. What it depends on is returned.
        public static IList<string> ImportByScript(string path)
        {
            string extension = Path.GetExtension(path).TrimStart('.');
            Type type = Code.Types.Single(each => each.GetCustomAttributes(typeof(ScriptedImporterAttribute), false)
                .Cast<ScriptedImporterAttribute>().Any(its => its.fileExtensions.Contains(extension)));
            var importer = (ScriptedImporter)Activator.CreateInstance(type);
            importer.assetPath = path;
            Importers[path] = importer;
            var context = new AssetImportContext(path);
            importer.OnImportAsset(context);
            Assets.Remove(path);
            if (context.mainObject != null)
            {
                Assets[path] = context.objects.OrderBy(each => each == context.mainObject ? 0 : 1).ToList();
                Paths[context.mainObject] = path;
                Thumbnails[path] = context.thumbnails[context.mainObject];
            }
            return context.dependencies;
        }

        /// Read a picture as Unity does when it finds it.
        public static Texture2D Import(string path)
        {
            AssetImporter importer;
            if (!Importers.TryGetValue(path, out importer))
            {
                importer = new TextureImporter
                {
                    assetPath = path, sRGBTexture = true, maxTextureSize = 2048, userData = "",
                };
                Importers[path] = importer;
            }
            var texture = new Texture2D(1, 1, TextureFormat.RGBA32, false)
            {
                name = Path.GetFileNameWithoutExtension(path),
            };
            if (!texture.LoadImage(File.ReadAllBytes(path)))
            {
                throw new InvalidOperationException("The shim imports PNG files alone, not " + path);
            }
            if (!((TextureImporter)importer).isReadable)
            {
                texture.ForgetMemory();
            }
            Put(path, texture);
            return texture;
        }
    }

    /// What the project's scripts for the Editor are.
    static class Code
    {
        internal static readonly Type[] Types =
            Assembly.Load("Nijigan.Stylizer.Editor").GetTypes();
    }
}
