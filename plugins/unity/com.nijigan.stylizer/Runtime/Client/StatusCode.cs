namespace Nijigan
{
    /// <summary>The status codes of gRPC.</summary>
    public enum StatusCode
    {
        /// <summary>It went well.</summary>
        Ok = 0,
        /// <summary>It was cancelled.</summary>
        Cancelled = 1,
        /// <summary>Not known.</summary>
        Unknown = 2,
        /// <summary>The request is not allowed.</summary>
        InvalidArgument = 3,
        /// <summary>It took longer than the call may.</summary>
        DeadlineExceeded = 4,
        /// <summary>What the request names is not there.</summary>
        NotFound = 5,
        /// <summary>What shall be made is there already.</summary>
        AlreadyExists = 6,
        /// <summary>The caller may not do that.</summary>
        PermissionDenied = 7,
        /// <summary>There is no room for it.</summary>
        ResourceExhausted = 8,
        /// <summary>Something has to be done first.</summary>
        FailedPrecondition = 9,
        /// <summary>It was given up.</summary>
        Aborted = 10,
        /// <summary>Past the end of what there is.</summary>
        OutOfRange = 11,
        /// <summary>The server does not know the method.</summary>
        Unimplemented = 12,
        /// <summary>A fault of the server's, or of this client's.</summary>
        Internal = 13,
        /// <summary>The server is not there, or went away.</summary>
        Unavailable = 14,
        /// <summary>Data was lost.</summary>
        DataLoss = 15,
        /// <summary>The token is not the server's.</summary>
        Unauthenticated = 16,
    }
}
