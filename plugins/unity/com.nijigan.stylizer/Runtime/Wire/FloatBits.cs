using System.Runtime.InteropServices;

namespace Nijigan.Wire
{
    /// <summary>A float and its bits, without the array that BitConverter makes.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct FloatBits
    {
        [FieldOffset(0)]
        public float Value;

        [FieldOffset(0)]
        public uint Bits;
    }
}
