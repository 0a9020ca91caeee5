"""A loss on noise: neighboring pixels should be alike."""

from torch import Tensor


def total_variation(image: Tensor) -> Tensor:
    """Return the mean square of the differences of neighboring pixels, in x plus in y.

    `image` is `(N, C, H, W)` with at least two pixels a side; the form with β = 2 of Mahendran and
    Vedaldi 2015, as a mean.
    """
    across = image[..., 1:] - image[..., :-1]
    down = image[..., 1:, :] - image[..., :-1, :]
    return across.square().mean() + down.square().mean()
