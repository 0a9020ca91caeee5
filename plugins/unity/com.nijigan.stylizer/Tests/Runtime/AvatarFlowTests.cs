using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine.TestTools;

namespace Nijigan.Tests
{
    /// <summary>The way from a photo to an avatar.</summary>
    public sealed class AvatarFlowTests
    {
        private ScriptedFramer framer;
        private ScriptedStylizer stylizer;
        private List<AvatarState> states;
        private AvatarFlow flow;

        /// <summary>A flow with four strengths of one style.</summary>
        [SetUp]
        public void Begin()
        {
            framer = new ScriptedFramer();
            stylizer = new ScriptedStylizer();
            states = new List<AvatarState>();
            flow = new AvatarFlow(framer, stylizer, AvatarVariant.Of(new[] { "cel" }));
            flow.Changed += () =>
            {
                if (states.LastOrDefault() != flow.State || states.Count == 0) states.Add(flow.State);
            };
        }

        /// <summary>From the photo to the choice.</summary>
        [UnityTest]
        public IEnumerator APhotoBecomesFourDrawings()
        {
            _ = flow.TakeAsync(Square(1));
            framer.Answers[0].SetResult(Square(2));
            for (int i = 0; i < 4; i++)
            {
                while (stylizer.Answers.Count <= i) yield return null;
                Assert.AreEqual(AvatarState.Drawing, flow.State);
                Assert.AreEqual(i, flow.Drawings.Count);
                stylizer.Answers[i].SetResult(Square((byte)(10 + i)));
            }
            while (flow.State != AvatarState.Choosing) yield return null;
            Assert.AreEqual(
                new[] { 1f, 0.75f, 0.5f, 0.25f }, stylizer.Asked.Select(each => each.Strength).ToArray());
            Assert.AreEqual(1f, flow.Progress);
            flow.Choose(2);
            Assert.AreEqual(12, (int)flow.Drawings[flow.Choice].Bytes[0]);
            Assert.AreEqual(
                new[] { AvatarState.Framing, AvatarState.Drawing, AvatarState.Choosing, AvatarState.Chosen }, states);
        }

        /// <summary>A face must be chosen where there are several; nothing is drawn before.</summary>
        [UnityTest]
        public IEnumerator SeveralFacesAreToBeChosenFrom()
        {
            _ = flow.TakeAsync(Square(1));
            framer.Answers[0].SetException(new StylizerException(
                "There are 2 faces.", "Choose one.", reason: "SEVERAL_FACES",
                metadata: new Dictionary<string, string> { { "faces", "1.5,2,30,31; 50,2,30,31" } }));
            while (flow.State != AvatarState.Refused) yield return null;
            Assert.AreEqual("SEVERAL_FACES", flow.Refusal.Reason);
            Assert.AreEqual(2, flow.Refusal.Faces.Count);
            Assert.AreEqual(1.5f, flow.Refusal.Faces[0][0]);
            Assert.AreEqual(0, stylizer.Asked.Count);
            _ = flow.ChooseFaceAsync(2);
            Assert.AreEqual(2, framer.Asked[1].Face);
            Assert.IsNull(flow.Refusal);
        }

        /// <summary>What is refused can be taken all the same.</summary>
        [TestCase("NO_FACE")]
        [TestCase("FACE_TOO_SMALL")]
        [TestCase("FACE_BLURRED")]
        public void ARefusalCanBeOverridden(string reason)
        {
            var refusal = AvatarRefusal.Of(new StylizerException("Fact.", "Remedy.", reason: reason));
            Assert.AreEqual(reason, refusal.Reason);
            Assert.AreEqual("Remedy.", refusal.Remedy);
            _ = flow.TakeAsync(Square(1));
            _ = flow.TakeAnywayAsync();
            Assert.IsFalse(framer.Asked[0].Anyway);
            Assert.IsTrue(framer.Asked[1].Anyway);
        }

        /// <summary>Other errors are no refusals, and the same photo can be tried again.</summary>
        [UnityTest]
        public IEnumerator AnErrorIsSaidAndTriedAgain()
        {
            _ = flow.TakeAsync(Square(1));
            framer.Answers[0].SetResult(Square(2));
            while (stylizer.Answers.Count == 0) yield return null;
            stylizer.Answers[0].SetException(new StylizerException("It went away.", "Start it."));
            while (flow.State != AvatarState.Failed) yield return null;
            Assert.AreEqual("Start it.", flow.Error.Remedy);
            Assert.IsNull(flow.Refusal);
            _ = flow.RetryAsync();
            Assert.AreEqual(AvatarState.Drawing, flow.State);
            Assert.AreEqual(1, framer.Asked.Count);
            Assert.AreEqual(2, stylizer.Asked.Count);
        }

        /// <summary>What nobody waits for any more changes nothing when it comes.</summary>
        [UnityTest]
        public IEnumerator WhatComesTooLateIsForgotten()
        {
            _ = flow.TakeAsync(Square(1));
            framer.Answers[0].SetResult(Square(2));
            while (stylizer.Answers.Count == 0) yield return null;
            flow.StartOver();
            Assert.IsTrue(stylizer.Cancels[0].IsCancellationRequested);
            stylizer.Answers[0].SetResult(Square(3));
            for (int i = 0; i < 3; i++) yield return null;
            Assert.AreEqual(AvatarState.WaitsForPhoto, flow.State);
            Assert.AreEqual(0, flow.Drawings.Count);
            Assert.IsFalse(flow.Framed.HasValue);
        }

        /// <summary>Nothing can be chosen before it is there.</summary>
        [Test]
        public void ThereMustBeSomethingToChooseFrom()
        {
            var error = Assert.Throws<InvalidOperationException>(() => flow.Choose(0));
            Assert.IsTrue(error.Message.Contains("WaitsForPhoto"));
        }

        /// <summary>The variants are those of `nijigan avatar --sheet`.</summary>
        [TestCase("a", "a 100 %,a 75 %,a 50 %,a 25 %")]
        [TestCase("a b", "a 100 %,b 100 %,a 50 %,b 50 %")]
        [TestCase("a b c", "a 100 %,b 100 %,c 100 %,a 50 %")]
        [TestCase("a b c d e", "a 100 %,b 100 %,c 100 %,d 100 %")]
        public void FourVariantsAreMadeOfStyles(string styles, string expected)
        {
            Assert.AreEqual(expected, string.Join(",", AvatarVariant.Of(styles.Split(' ')).Select(each => each.ToString())));
        }

        private static Picture Square(byte value)
        {
            return new Picture(Enumerable.Repeat(value, 16).ToArray(), 2, 2);
        }
    }
}
