"""A loss on edges: lines must have the contrast that the target's have."""

from torch import Tensor


def gradient_loss(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute error of the differences of neighboring pixels, in x plus in y.

    `output` and `target` are `(N, C, H, W)`; 0 where they differ by a constant alone.
    """
    error = output - target
    across = error[..., 1:] - error[..., :-1]
    down = error[..., 1:, :] - error[..., :-1, :]
    return across.abs().mean() + down.abs().mean()
