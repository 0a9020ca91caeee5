"""Losses, one kind per file."""

from nijigan.core.losses.gan import GanLoss as GanLoss
from nijigan.core.losses.gan import gan_loss as gan_loss
from nijigan.core.losses.gradient import gradient_loss as gradient_loss
