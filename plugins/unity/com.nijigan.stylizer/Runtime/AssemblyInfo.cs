using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Nijigan.Stylizer.Editor")]
[assembly: InternalsVisibleTo("Nijigan.Stylizer.InferenceEngine")]
[assembly: InternalsVisibleTo("Nijigan.Stylizer.Tests")]
