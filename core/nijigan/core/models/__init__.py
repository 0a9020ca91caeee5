"""Networks, by name in a registry: `create("nijigan", ngf=64)`."""

from nijigan.core.models.generator import Generator as Generator
from nijigan.core.models.layers import count_parameters as count_parameters
from nijigan.core.models.nijigan import NijiGAN as NijiGAN
from nijigan.core.models.patchgan import PatchGAN as PatchGAN
from nijigan.core.models.registry import available as available
from nijigan.core.models.registry import create as create
from nijigan.core.models.registry import create_generator as create_generator
