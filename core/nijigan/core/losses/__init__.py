"""Losses, one kind per file."""

from nijigan.core.losses.contrastive import hard_negative_dce as hard_negative_dce
from nijigan.core.losses.contrastive import hard_negative_weights as hard_negative_weights
from nijigan.core.losses.contrastive import patch_nce as patch_nce
from nijigan.core.losses.contrastive import semantic_relation as semantic_relation
from nijigan.core.losses.contrastive import style_patch_nce as style_patch_nce
from nijigan.core.losses.gan import GanLoss as GanLoss
from nijigan.core.losses.gan import gan_loss as gan_loss
from nijigan.core.losses.gan import gradient_penalty as gradient_penalty
from nijigan.core.losses.gan import hinge as hinge
from nijigan.core.losses.gan import lsgan as lsgan
from nijigan.core.losses.gan import vanilla as vanilla
from nijigan.core.losses.gan import wasserstein as wasserstein
from nijigan.core.losses.gradient import gradient_loss as gradient_loss
from nijigan.core.losses.kl_divergence import kl_divergence as kl_divergence
from nijigan.core.losses.neural_style import content_loss as content_loss
from nijigan.core.losses.neural_style import gram_matrix as gram_matrix
from nijigan.core.losses.neural_style import style_loss as style_loss
from nijigan.core.losses.perceptual import perceptual_loss as perceptual_loss
from nijigan.core.losses.total_variation import total_variation as total_variation
