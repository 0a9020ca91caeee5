import pytest
import torch
from torch.nn import functional

from nijigan.core.models.keras_layers import keras_instance_norm, same_cropping, same_padding


def same_conv(x, weight, stride):
    """TensorFlow's "same" from its definition: ceil(side / stride) outputs, far edges first."""
    pads = []
    for side, kernel in zip(x.shape[:1:-1], weight.shape[:1:-1], strict=True):
        missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        pads += [missing // 2, missing - missing // 2]
    return functional.conv2d(functional.pad(x, pads), weight, stride=stride)


KERNELS = [(3, 1), (3, 2), (4, 1), (4, 2), (7, 1), (2, 2)]


@pytest.mark.parametrize(("kernel", "stride"), KERNELS)
def test_padding_is_tensorflows(kernel, stride):
    x = torch.randn(2, 3, 8, 12, dtype=torch.float64)
    weight = torch.randn(5, 3, kernel, kernel, dtype=torch.float64)
    drawn = functional.conv2d(same_padding(kernel, stride)(x), weight, stride=stride)
    assert drawn.shape == (2, 5, 8 // stride, 12 // stride)
    torch.testing.assert_close(drawn, same_conv(x, weight, stride))


@pytest.mark.parametrize(("kernel", "stride"), KERNELS)
def test_a_cropped_transposed_convolution_is_the_gradient_of_the_padded_one(kernel, stride):
    y = torch.randn(2, 5, 4, 6, dtype=torch.float64)
    weight = torch.randn(5, 3, kernel, kernel, dtype=torch.float64)
    x = torch.zeros(2, 3, 4 * stride, 6 * stride, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(same_conv(x, weight, stride), x, y)
    wide = functional.conv_transpose2d(y, weight, stride=stride)
    torch.testing.assert_close(same_cropping(kernel, stride)(wide), gradient)


def test_the_norm_has_keras_constants():
    torch.manual_seed(0)
    norm = keras_instance_norm(4096)
    scales = norm.weight.detach()
    assert abs(float(scales.mean())) < 2e-3
    assert float(scales.std()) == pytest.approx(0.02, rel=0.05)
    assert not norm.bias.any()
    x = torch.randn(2, 4096, 3, 3) * 0.03
    variance, mean = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
    expected = (x - mean) / (variance + 1e-3).sqrt() * norm.weight.view(-1, 1, 1)
    torch.testing.assert_close(norm(x), expected)
