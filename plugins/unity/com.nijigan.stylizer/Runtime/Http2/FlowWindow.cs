using System;

namespace Nijigan.Http2
{
    /// <summary>How many bytes a side may still send (RFC 9113, 5.2).</summary>
    internal struct FlowWindow
    {
        private const long Most = int.MaxValue;
        private long size;

        public FlowWindow(int size)
        {
            this.size = size;
        }

        /// <summary>May be negative, after settings that made windows smaller.</summary>
        public int Left => (int)Math.Max(size, int.MinValue);

        public void Take(int count) => size -= count;

        /// <summary>Adds to it; false where it would be larger than may be.</summary>
        public bool TryAdd(int count)
        {
            size += count;
            return size <= Most;
        }
    }
}
