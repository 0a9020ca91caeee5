"""A frozen feature network that losses are measured on."""

from pathlib import Path

import torch
from torch import Tensor

from nijigan.core.config import Recipe
from nijigan.core.method_config import LayerWeights
from nijigan.core.models.weights import File, load_features
from nijigan.core.training.machine import autocast, dtype_of, place

Features = dict[str, Tensor]
"""What each layer holds, `(N, C, H', W')` float32, by its name."""


class FeatureJudge:
    """What `[features]` of a recipe holds of pictures.

    Args:
        recipe: which network, its weights, and how to compute.
        layers: those that are looked at, with weights that are not used here.

    Raises:
        ConfigError: a layer that the network does not have.
        MissingExtraError, CheckpointError: its weights are not here, or not the right ones.
    """

    def __init__(self, recipe: Recipe, layers: LayerWeights) -> None:
        config = recipe.features
        source = File(Path(config.file)) if config.file else None
        self.network, _ = load_features(config.name, source, **config.options)
        self.layers = [layer for layer, _ in layers]
        self.network.check_layers(self.layers)
        self.config = recipe.train
        place(self.network, recipe.train)

    def __call__(self, pictures: Tensor, layers: list[str] | None = None) -> Features:
        """Return what the layers hold of `(N, 3, H, W)` in [-1, 1]; gradients reach it."""
        with autocast(self.config):
            found = self.network.features(pictures, layers or self.layers)
        return {layer: h.to(dtype_of(self.config)) for layer, h in found.items()}

    @torch.no_grad()
    def target(self, pictures: Tensor, layers: list[str] | None = None) -> Features:
        """Return the same without gradients: what something else must come near to."""
        return self(pictures, layers)
