// The part of NUnit 3 and of Unity's test framework that the package's tests use.
using System;
using System.Collections;

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public class TestAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public class TestCaseAttribute : Attribute
    {
        public TestCaseAttribute(params object[] arguments)
        {
            Arguments = arguments;
        }

        public object[] Arguments { get; private set; }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public class SetUpAttribute : Attribute
    {
    }

    public class AssertionException : Exception
    {
        public AssertionException(string message) : base(message)
        {
        }
    }

    public delegate void TestDelegate();

    public class Assert
    {
        public static void AreEqual(object expected, object actual)
        {
            if (!Same(expected, actual))
            {
                throw new AssertionException("Expected " + Text(expected) + ", but it is " + Text(actual));
            }
        }

        public static void IsTrue(bool condition)
        {
            AreEqual(true, condition);
        }

        public static void IsFalse(bool condition)
        {
            AreEqual(false, condition);
        }

        public static void IsNull(object anObject)
        {
            AreEqual(null, anObject);
        }

        public static void AreSame(object expected, object actual)
        {
            if (!ReferenceEquals(expected, actual))
            {
                throw new AssertionException("They are two objects: " + Text(expected) + ", " + Text(actual));
            }
        }

        public static T Throws<T>(TestDelegate code) where T : Exception
        {
            try
            {
                code();
            }
            catch (Exception error)
            {
                if (error.GetType() == typeof(T))
                {
                    return (T)error;
                }
                throw new AssertionException("Expected " + typeof(T).Name + ", but there was " + error);
            }
            throw new AssertionException("Expected " + typeof(T).Name + ", but nothing was thrown");
        }

        static bool Same(object a, object b)
        {
            var listA = a as IList;
            var listB = b as IList;
            if (listA == null || listB == null)
            {
                return Equals(a, b);
            }
            bool same = listA.Count == listB.Count;
            for (int i = 0; same && i < listA.Count; i++)
            {
                same = Same(listA[i], listB[i]);
            }
            return same;
        }

        static string Text(object value)
        {
            var list = value as IList;
            if (list == null)
            {
                return value == null ? "null" : value.ToString();
            }
            string text = "";
            foreach (object each in list)
            {
                text += " " + Text(each);
            }
            return "[" + text + " ]";
        }
    }
}

namespace UnityEngine.TestTools
{
    [AttributeUsage(AttributeTargets.Method)]
    public class UnityTestAttribute : Attribute
    {
    }
}
