using System;

namespace Nijigan
{
    /// <summary>Where the time went in the sidecar.</summary>
    public readonly struct Timings
    {
        internal Timings(Wire.Timings times)
        {
            Receive = Microseconds(times?.ReceiveUs ?? 0);
            Decode = Microseconds(times?.DecodeUs ?? 0);
            Queue = Microseconds(times?.QueueUs ?? 0);
            Compute = Microseconds(times?.ComputeUs ?? 0);
            Encode = Microseconds(times?.EncodeUs ?? 0);
        }

        /// <summary>From the settings to the last byte of the picture.</summary>
        public TimeSpan Receive { get; }

        /// <summary>Making pixels of the bytes that came.</summary>
        public TimeSpan Decode { get; }

        /// <summary>Waiting for others' pictures.</summary>
        public TimeSpan Queue { get; }

        /// <summary>Drawing.</summary>
        public TimeSpan Compute { get; }

        /// <summary>Making the bytes of the result.</summary>
        public TimeSpan Encode { get; }

        private static TimeSpan Microseconds(uint count) => TimeSpan.FromTicks(count * (TimeSpan.TicksPerMillisecond / 1000));
    }
}
