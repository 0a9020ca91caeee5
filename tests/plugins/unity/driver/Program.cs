// Runs what the package's own tests say, or one scene against a sidecar that somebody else runs.
//
//     drive.exe tests ASSEMBLY.dll ...
//     drive.exe SCENE FOLDER [ARGUMENT]
using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using NUnit.Framework;
using UnityEngine.TestTools;
using UnityShim;

static class Program
{
    static int Main(string[] arguments)
    {
        return arguments[0] == "tests" ? RunTests(arguments.Skip(1)) : RunScene(arguments);
    }

    static int RunScene(string[] arguments)
    {
        Player.Start(Path.Combine(arguments[1], "player"));
        MethodInfo scene = typeof(Program).Assembly.GetTypes()
            .Select(type => type.GetMethod(arguments[0], BindingFlags.Static | BindingFlags.Public))
            .Single(method => method != null);
        try
        {
            scene.Invoke(null, scene.GetParameters().Length == 0 ? null : arguments.Skip(1).ToArray());
        }
        catch (TargetInvocationException error)
        {
            Console.Error.WriteLine(error.InnerException);
            foreach (string line in Player.Logged)
            {
                Console.Error.WriteLine(line);
            }
            return 1;
        }
        Console.WriteLine("done");
        return 0;
    }

    static int RunTests(IEnumerable<string> assemblies)
    {
        Player.Start(Path.Combine(Path.GetTempPath(), "nijigan-unity-tests"));
        int passed = 0;
        int failed = 0;
        foreach (Type type in assemblies.SelectMany(each => Assembly.LoadFrom(each).GetTypes()))
        {
            if (!type.GetMethods().Any(method => Cases(method).Any()))
            {
                continue;
            }
            object fixture = Activator.CreateInstance(type); // one for all tests, as NUnit has it
            foreach (MethodInfo method in type.GetMethods())
            {
                foreach (object[] given in Cases(method))
                {
                    string error = Outcome(fixture, method, given);
                    passed += error == null ? 1 : 0;
                    failed += error == null ? 0 : 1;
                    if (error != null)
                    {
                        Console.WriteLine(type.Name + "." + method.Name + ": " + error);
                    }
                }
            }
        }
        Console.WriteLine(passed + " passed, " + failed + " failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    static IEnumerable<object[]> Cases(MethodInfo method)
    {
        var cases = method.GetCustomAttributes<TestCaseAttribute>().Select(each => each.Arguments);
        bool plain = method.IsDefined(typeof(TestAttribute)) || method.IsDefined(typeof(UnityTestAttribute));
        return plain ? cases.Concat(new[] { new object[0] }) : cases;
    }

    static string Outcome(object fixture, MethodInfo method, object[] given)
    {
        try
        {
            foreach (MethodInfo each in fixture.GetType().GetMethods())
            {
                if (each.IsDefined(typeof(SetUpAttribute)))
                {
                    each.Invoke(fixture, null);
                }
            }
            object result = method.Invoke(fixture, given);
            for (var steps = result as IEnumerator; steps != null && steps.MoveNext();)
            {
                Player.Frame();
            }
            return null;
        }
        catch (TargetInvocationException error)
        {
            return error.InnerException.ToString();
        }
        catch (Exception error)
        {
            return error.ToString();
        }
    }
}

/// What a scene expects.
static class Check
{
    public static void That(bool so, string what)
    {
        if (!so)
        {
            throw new InvalidOperationException("It is not so: " + what);
        }
    }

    public static void Equal<T>(T expected, T found, string what)
    {
        That(Equals(expected, found), what + " is " + expected + " (it is " + found + ")");
    }
}
