namespace Nijigan
{
    /// <summary>How far a player is on the way to an avatar.</summary>
    public enum AvatarState
    {
        /// <summary>A photo is to be taken or chosen.</summary>
        WaitsForPhoto,

        /// <summary>The face is being looked for.</summary>
        Framing,

        /// <summary>The photo shows no face that can be used; <see cref="AvatarFlow.Refusal"/> says why.</summary>
        Refused,

        /// <summary>The variants are being drawn; those that are done can be seen already.</summary>
        Drawing,

        /// <summary>All variants are drawn; one is to be chosen.</summary>
        Choosing,

        /// <summary>One was chosen.</summary>
        Chosen,

        /// <summary>Something went wrong; <see cref="AvatarFlow.Error"/> says what, and what to do.</summary>
        Failed,
    }
}
