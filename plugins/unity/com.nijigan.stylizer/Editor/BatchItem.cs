namespace NijiganEditor
{
    /// <summary>What became of one texture of a batch. Immutable.</summary>
    public sealed class BatchItem
    {
        /// <summary>Makes one.</summary>
        /// <param name="sourcePath">The asset that was to be drawn; its name where it is no asset.</param>
        /// <param name="drawingPath">The new asset; null where there is none.</param>
        /// <param name="error">Why there is none; null where there is one.</param>
        public BatchItem(string sourcePath, string drawingPath, string error)
        {
            SourcePath = sourcePath;
            DrawingPath = drawingPath;
            Error = error;
        }

        /// <summary>The asset that was to be drawn.</summary>
        public string SourcePath { get; }

        /// <summary>The new asset; null where there is none.</summary>
        public string DrawingPath { get; }

        /// <summary>Why there is none; null where there is one.</summary>
        public string Error { get; }
    }
}
