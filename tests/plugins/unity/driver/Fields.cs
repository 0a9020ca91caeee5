using System.Reflection;

/// What a scene or an asset keeps of an object: fields that the Inspector sets.
static class Fields
{
    public static void Set(object of, string name, object value)
    {
        of.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic).SetValue(of, value);
    }
}
