namespace Nijigan.Wire
{
    /// <summary>Base of the generated classes. Fields that hold bytes are views: of what they were
    /// read from, or of what shall be written.</summary>
    internal abstract class Message
    {
        /// <summary>Writes the fields that are set, in the order of their numbers.</summary>
        public abstract void WriteTo(Writer writer);

        /// <summary>Reads fields until the reader's end, over those that are there: as Protocol
        /// Buffers merges.</summary>
        public abstract void ReadFrom(Reader reader);

        /// <summary>Makes all fields unset. Messages that they held are cleared too and used again by
        /// the next read; one that shall stay has to be taken out before.</summary>
        public abstract void Clear();

        protected static T Cleared<T>(T message)
            where T : Message
        {
            message?.Clear();
            return message;
        }

        protected static T Take<T>(ref T spare)
            where T : Message
        {
            T taken = spare;
            spare = null;
            return taken;
        }
    }
}
