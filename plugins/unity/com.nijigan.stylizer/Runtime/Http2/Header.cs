namespace Nijigan.Http2
{
    /// <summary>One header of a call. The name is in lower case.</summary>
    internal readonly struct Header
    {
        public readonly string Name;
        public readonly string Value;

        public Header(string name, string value)
        {
            Name = name;
            Value = value;
        }

        /// <summary>What it counts for in tables and limits (RFC 7541, 4.1).</summary>
        public int Size => Name.Length + Value.Length + 32;
    }
}
