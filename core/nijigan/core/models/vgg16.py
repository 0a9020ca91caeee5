"""VGG16, the trunk of LPIPS (Simonyan and Zisserman 2014)."""

from nijigan.core.models.vgg19 import VGG19


class VGG16(VGG19):
    """VGG19 with one convolution less in each of the last three stages: 14,714,688 parameters."""

    label = "VGG16"
    convolutions = (2, 2, 3, 3, 3)
