using Nijigan;
using NUnit.Framework;

namespace NijiganEditor.Tests
{
    /// <summary>What windows say about the sidecar.</summary>
    public sealed class SidecarConditionTests
    {
        /// <summary>Each error leads to the button that mends it.</summary>
        [Test]
        public void ErrorsSayWhatCanBeDone()
        {
            SidecarCondition trouble = SidecarCondition.Of(new StylizerException("It is broken.", "Look at the log."));
            Assert.AreEqual(SidecarState.Trouble, trouble.State);
            Assert.AreEqual("It is broken. Look at the log", trouble.Line);
            Assert.IsTrue(trouble.CanStart);
            Assert.IsFalse(trouble.CanStop);
            Assert.IsFalse(SidecarCondition.Starting.CanStart);
            Assert.AreEqual(0, SidecarCondition.Unknown.Styles.Count);
        }
    }
}
