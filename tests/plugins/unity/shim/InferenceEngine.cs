// Unity.InferenceEngine (com.unity.ai.inference 2.2 to 2.4), as far as the package uses it. Instead of
// layers a model has a function of its inputs; what is composed of it is computed for real, on arrays.
using System;
using UnityEngine;
using UnityShim;

namespace Unity.InferenceEngine
{
    public enum BackendType
    {
        GPUCompute = 256,
        GPUPixel = 257,
        CPU = 512,
    }

    public class ModelAsset : ScriptableObject
    {
        internal Func<Tensor<float>[], float[]> network;
    }

    public class Model
    {
        internal Func<Tensor<float>[], float[]> network;
    }

    public static class ModelLoader
    {
        public static Model Load(ModelAsset modelAsset)
        {
            return new Model { network = modelAsset.network };
        }
    }

    public partial class FunctionalTensor
    {
        internal Func<Tensor<float>[], float[]> value;

        internal FunctionalTensor(Func<Tensor<float>[], float[]> value)
        {
            this.value = value;
        }

        static FunctionalTensor Each(FunctionalTensor a, Func<float, float> of)
        {
            return new FunctionalTensor(inputs => Array.ConvertAll(a.value(inputs), each => of(each)));
        }

        public static FunctionalTensor operator *(FunctionalTensor a, float b)
        {
            return Each(a, each => each * b);
        }

        public static FunctionalTensor operator +(FunctionalTensor a, float b)
        {
            return Each(a, each => each + b);
        }

        public static FunctionalTensor operator -(FunctionalTensor a, float b)
        {
            return Each(a, each => each - b);
        }

        public static FunctionalTensor operator /(FunctionalTensor a, float b)
        {
            return Each(a, each => each / b);
        }
    }

    public static class Functional
    {
        public static FunctionalTensor[] Forward(Model model, params FunctionalTensor[] inputs)
        {
            return new[]
            {
                new FunctionalTensor(given =>
                {
                    var tensors = new Tensor<float>[inputs.Length];
                    for (int i = 0; i < inputs.Length; i++)
                    {
                        tensors[i] = new Tensor<float>(given[i].shape, inputs[i].value(given));
                    }
                    return model.network(tensors);
                }),
            };
        }
    }

    public class FunctionalGraph
    {
        public FunctionalTensor[] AddInputs(Model model)
        {
            return new[]
            {
                new FunctionalTensor(inputs => inputs[0].values),
                new FunctionalTensor(inputs => inputs[1].values),
            };
        }

        public Model Compile(params FunctionalTensor[] outputs)
        {
            return new Model { network = outputs[0].value };
        }
    }

    public struct TensorShape
    {
        readonly int d0;
        readonly int d1;
        readonly int d2;
        readonly int d3;
        readonly bool four;

        public TensorShape(int d0, int d1, int d2, int d3)
        {
            this.d0 = d0;
            this.d1 = d1;
            this.d2 = d2;
            this.d3 = d3;
            four = true;
        }

        public int length
        {
            get { return four ? d0 * d1 * d2 * d3 : 1; }
        }

        internal int Height
        {
            get { return d2; }
        }

        internal int Width
        {
            get { return d3; }
        }

        public static bool operator ==(TensorShape a, TensorShape b)
        {
            return a.Equals(b);
        }

        public static bool operator !=(TensorShape a, TensorShape b)
        {
            return !a.Equals(b);
        }

        public override bool Equals(object obj)
        {
            return base.Equals(obj);
        }

        public override int GetHashCode()
        {
            return length;
        }
    }

    public abstract class Tensor : IDisposable
    {
        int asked;

        public TensorShape shape { get; internal set; }

        public void ReadbackRequest()
        {
            asked = 2;
        }

        public bool IsReadbackRequestDone()
        {
            asked--;
            return asked <= 0;
        }

        public void Dispose()
        {
        }
    }

    public class Tensor<T> : Tensor where T : struct // unmanaged in the package; mcs does not know that
    {
        internal T[] values;

        public Tensor(TensorShape shape, bool clearOnInit = true)
        {
            this.shape = shape;
            values = new T[shape.length];
        }

        public Tensor(TensorShape shape, T[] srcData, int dataStartIndex = 0)
        {
            this.shape = shape;
            values = srcData;
        }

        public void Upload(T[] srcData)
        {
            Array.Copy(srcData, values, values.Length);
        }

        public T[] DownloadToArray()
        {
            return (T[])values.Clone();
        }
    }

    public class Worker : IDisposable
    {
        readonly Model model;
        Tensor<float> output;

        public Worker(Model model, BackendType backendType)
        {
            this.model = model;
        }

        public void Schedule(params Tensor[] inputs)
        {
            Player.MustBeMainThread("Worker");
            Tensor<float>[] given = Array.ConvertAll(inputs, each => (Tensor<float>)each);
            output = new Tensor<float>(given[0].shape, model.network(given));
        }

        public Tensor PeekOutput()
        {
            return output;
        }

        public void Dispose()
        {
        }
    }

    public struct TextureTransform
    {
    }

    // Tensors begin with the top row. Sizes that differ are resampled, here by the nearest pixel.
    public static class TextureConverter
    {
        public static void ToTensor(
            Texture texture, Tensor<float> tensor, TextureTransform transform = default(TextureTransform))
        {
            int height = tensor.shape.Height;
            int width = tensor.shape.Width;
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    Color32 pixel = Inside.Get(
                        texture, x * texture.width / width, texture.height - 1 - y * texture.height / height);
                    tensor.values[y * width + x] = pixel.r / 255f;
                    tensor.values[(height + y) * width + x] = pixel.g / 255f;
                    tensor.values[(2 * height + y) * width + x] = pixel.b / 255f;
                }
            }
        }

        public static void RenderToTexture(
            Tensor<float> tensor, RenderTexture renderTexture,
            TextureTransform transform = default(TextureTransform))
        {
            int height = tensor.shape.Height;
            int width = tensor.shape.Width;
            for (int y = 0; y < renderTexture.height; y++)
            {
                for (int x = 0; x < renderTexture.width; x++)
                {
                    int at = y * height / renderTexture.height * width + x * width / renderTexture.width;
                    Inside.Set(
                        renderTexture, x, renderTexture.height - 1 - y, Level(tensor.values[at]),
                        Level(tensor.values[height * width + at]), Level(tensor.values[2 * height * width + at]), 255);
                }
            }
        }

        static byte Level(float value)
        {
            return (byte)Math.Round(255f * Math.Max(0f, Math.Min(1f, value)));
        }
    }
}

namespace UnityShim
{
    using Unity.InferenceEngine;

    /// Model assets for tests.
    public static class Networks
    {
        /// One that draws the negative of what it is given, in -1..1, as far as `strength` says.
        public static ModelAsset Negative()
        {
            var made = ScriptableObject.CreateInstance<ModelAsset>();
            made.network = inputs =>
            {
                float strength = inputs[1].values[0];
                return Array.ConvertAll(inputs[0].values, each => each - 2f * strength * each);
            };
            return made;
        }
    }
}
