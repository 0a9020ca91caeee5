"""What a network written in Keras has otherwise: padding at the far edges, its InstanceNorm."""

from torch import nn


def same_padding(kernel: int, stride: int) -> nn.ZeroPad2d:
    """Return the zeros that TensorFlow's "same" puts around before a convolution.

    For sides that are multiples of `stride`: kernel − stride of them on each axis, the odd one at
    the right and at the bottom. torch's own padding puts as many at the left and at the top.
    """
    missing = max(kernel - stride, 0)
    before = missing // 2
    after = missing - before
    return nn.ZeroPad2d((before, after, before, after))


def same_cropping(kernel: int, stride: int) -> nn.ZeroPad2d:
    """Return what "same" cuts off after a transposed convolution without padding.

    The transposed convolution is the gradient of the convolution: what that pads, this drops, and
    the sides are `stride` times what they were.
    """
    left, right, top, bottom = (int(side) for side in same_padding(kernel, stride).padding)
    return nn.ZeroPad2d((-left, -right, -top, -bottom))


def keras_instance_norm(channels: int) -> nn.InstanceNorm2d:
    """Return TensorFlow Addons' InstanceNormalization as the CycleGAN of keras.io has it.

    Affine, 1e-3 added to the variance, and at first scaled by around zero, not one: every scale is
    drawn from a normal distribution of deviation 0.02.
    """
    norm = nn.InstanceNorm2d(channels, eps=1e-3, affine=True)
    nn.init.normal_(norm.weight, std=0.02)
    return norm
