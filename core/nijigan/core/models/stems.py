"""Encoders and decoders around the ODE blocks, each a plain sequence; named layers are taps.

All take the channels at full size `ngf` (twice as many at half size), the channels of the
bottleneck at a quarter of the size, and the norm.
"""

from collections import OrderedDict

from torch import nn

from nijigan.core.models.layers import BlurDown, BlurUp, conv3, has_bias, norm_layer


def published_encoder(ngf: int, bottleneck: int, norm: str) -> nn.Sequential:
    """CUT's: full size, half, quarter; scaled down by blurring, convolutions padded with zeros."""
    bias = has_bias(norm)
    return nn.Sequential(
        OrderedDict(
            pad=nn.ReflectionPad2d(3),
            stem=nn.Conv2d(3, ngf, 7, bias=bias),
            stem_norm=norm_layer(norm, ngf),
            stem_relu=nn.ReLU(inplace=True),
            down1=nn.Conv2d(ngf, 2 * ngf, 3, padding=1, bias=bias),
            down1_norm=norm_layer(norm, 2 * ngf),
            down1_relu=nn.ReLU(inplace=True),
            down1_blur=BlurDown(2 * ngf),
            down2=nn.Conv2d(2 * ngf, bottleneck, 3, padding=1, bias=bias),
            down2_norm=norm_layer(norm, bottleneck),
            down2_relu=nn.ReLU(inplace=True),
            down2_blur=BlurDown(bottleneck),
        )
    )


def published_decoder(ngf: int, bottleneck: int, norm: str) -> nn.Sequential:
    """CUT's: a quarter of the size, half, full; enlarged without aliasing."""
    bias = has_bias(norm)
    return nn.Sequential(
        BlurUp(),
        nn.Conv2d(bottleneck, 2 * ngf, 3, padding=1, bias=bias),
        norm_layer(norm, 2 * ngf),
        nn.ReLU(inplace=True),
        BlurUp(),
        nn.Conv2d(2 * ngf, ngf, 3, padding=1, bias=bias),
        norm_layer(norm, ngf),
        nn.ReLU(inplace=True),
        nn.ReflectionPad2d(3),
        nn.Conv2d(ngf, 3, 7),
        nn.Tanh(),
    )


def unshuffle_encoder(ngf: int, bottleneck: int, norm: str) -> nn.Sequential:
    """2×2 squares of pixels become channels, so that nothing is computed at full size."""
    return nn.Sequential(
        OrderedDict(
            pad=nn.PixelUnshuffle(2),
            down1=conv3(12, 2 * ngf, norm),
            down1_norm=norm_layer(norm, 2 * ngf),
            down1_relu=nn.ReLU(inplace=True),
            down2=conv3(2 * ngf, bottleneck, norm, stride=2),
            down2_norm=norm_layer(norm, bottleneck),
            down2_relu=nn.ReLU(inplace=True),
        )
    )


def unshuffle_decoder(ngf: int, bottleneck: int, norm: str) -> nn.Sequential:
    """A quarter of the size, half, and 2×2 squares of pixels from channels."""
    # The norm comes before the shuffle: there it folds into the convolution of an exported graph.
    return nn.Sequential(
        conv3(bottleneck, 8 * ngf, norm),
        norm_layer(norm, 8 * ngf),
        nn.ReLU(inplace=True),
        nn.PixelShuffle(2),
        conv3(2 * ngf, 2 * ngf, norm),
        norm_layer(norm, 2 * ngf),
        nn.ReLU(inplace=True),
        conv3(2 * ngf, 12, "none"),
        nn.PixelShuffle(2),
        nn.Tanh(),
    )


# By name: what makes the encoder and what makes the decoder.
STEMS = {
    "conv7": (published_encoder, published_decoder),
    "unshuffle": (unshuffle_encoder, unshuffle_decoder),
}
