// Draws a texture with a nijigan style, by the package com.unity.ai.inference.
// Written against its version 2.4; not run in Unity.
using Unity.InferenceEngine;
using UnityEngine;

public sealed class Stylize : MonoBehaviour
{
    [SerializeField] ModelAsset model;
    [SerializeField] Texture source;
    [SerializeField] RenderTexture target;
    [SerializeField, Range(0f, 1f)] float strength = 1f;

    Worker worker;

    void Awake()
    {
        // Textures are in 0..1, the style's graphs in -1..1: the conversion becomes part of them.
        var loaded = ModelLoader.Load(model);
        var graph = new FunctionalGraph();
        var inputs = graph.AddInputs(loaded);
        inputs[0] = inputs[0] * 2f - 1f;
        var outputs = Functional.Forward(loaded, inputs);
        worker = new Worker(graph.Compile((outputs[0] + 1f) / 2f), BackendType.GPUCompute);
    }

    /// Draws `source` into `target`; sides must be multiples of what the style takes.
    public void Draw()
    {
        using var image = new Tensor<float>(new TensorShape(1, 3, source.height, source.width));
        using var dial = new Tensor<float>(new TensorShape(), new[] { strength });
        TextureConverter.ToTensor(source, image);
        worker.Schedule(image, dial);
        TextureConverter.RenderToTexture((Tensor<float>)worker.PeekOutput(), target);
    }

    void OnDestroy()
    {
        worker?.Dispose();
    }
}
