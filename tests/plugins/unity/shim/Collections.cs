// Unity.Collections, as far as the package uses it. Memory is managed here; what Unity forbids with
// native memory (use after Dispose, reading past the end) is an error here too.
using System;

namespace Unity.Collections
{
    public enum Allocator
    {
        Temp = 2,
        Persistent = 4,
    }

    public enum NativeArrayOptions
    {
        UninitializedMemory = 0,
        ClearMemory = 1,
    }

    public struct NativeArray<T> : IDisposable where T : struct
    {
        readonly T[] memory;

        public NativeArray(
            int length, Allocator allocator, NativeArrayOptions options = NativeArrayOptions.ClearMemory)
        {
            memory = new T[length];
        }

        internal NativeArray(T[] memory)
        {
            this.memory = memory;
        }

        public int Length
        {
            get { return memory.Length; }
        }

        public bool IsCreated
        {
            get { return memory != null; }
        }

        public T this[int index]
        {
            get { return memory[index]; }
            set { memory[index] = value; }
        }

        public void Dispose()
        {
            this = default(NativeArray<T>);
        }

        public static void Copy(NativeArray<T> src, int srcIndex, T[] dst, int dstIndex, int length)
        {
            Array.Copy(src.memory, srcIndex, dst, dstIndex, length);
        }

        public static void Copy(T[] src, int srcIndex, NativeArray<T> dst, int dstIndex, int length)
        {
            Array.Copy(src, srcIndex, dst.memory, dstIndex, length);
        }
    }
}
