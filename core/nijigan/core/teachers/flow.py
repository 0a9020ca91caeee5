"""The direction in which edges run, and smoothing along it (Kyprianidis & Döllner 2008)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates, sobel

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Flow:
    """Edge tangents: unit vectors (x, y), each H×W. The sign is arbitrary: a line has no head."""

    x: F32
    y: F32


def edge_flow(lab: F32, sigma: float) -> Flow:
    """The tangent of the nearest edges at every pixel.

    It is the minor eigenvector of the structure tensor, averaged over a Gaussian neighborhood
    (Kyprianidis & Döllner 2008, section 3.1): defined everywhere, and smooth where edges are faint.

    Args:
        lab: H×W×C; the channels' tensors are summed.
        sigma: the neighborhood's standard deviation in pixels.
    """
    gx = np.stack([sobel(lab[..., c], axis=1) for c in range(lab.shape[2])], axis=2)
    gy = np.stack([sobel(lab[..., c], axis=0) for c in range(lab.shape[2])], axis=2)
    xx = gaussian_filter((gx * gx).sum(axis=2), sigma)
    xy = gaussian_filter((gx * gy).sum(axis=2), sigma)
    yy = gaussian_filter((gy * gy).sum(axis=2), sigma)
    across = 0.5 * np.arctan2(2 * xy, xx - yy)  # the gradient's direction: major eigenvector
    return Flow(x=-np.sin(across), y=np.cos(across))


def sample(channel: F32, x: F32, y: F32) -> F32:
    """`channel` (H×W) at the real-valued positions x, y; bilinear, mirrored past the border."""
    return map_coordinates(channel, (y, x), order=1, mode="mirror")


def smooth_along(picture: F32, flow: Flow, sigma: float) -> F32:
    """Gaussian-weighted mean of `picture` along the streamline through each pixel.

    Streamlines are followed by Euler steps of one pixel, turning with the flow, so a curved edge is
    smoothed along its curve and stays sharp across it.

    Args:
        picture: H×W×C.
        flow: the tangents.
        sigma: standard deviation along the line, in pixels; followed to two of them.
    """
    height, width = picture.shape[:2]
    start_y, start_x = np.mgrid[:height, :width].astype(np.float32)
    total = picture.copy()
    weights = 1.0
    for sign in (1.0, -1.0):
        x, y = start_x, start_y
        direction_x, direction_y = sign * flow.x, sign * flow.y
        for step in range(1, round(2 * sigma) + 1):
            x = np.clip(x + direction_x, 0, width - 1)
            y = np.clip(y + direction_y, 0, height - 1)
            weight = float(np.exp(-(step**2) / (2 * sigma**2)))
            for c in range(picture.shape[2]):
                total[..., c] += weight * sample(picture[..., c], x, y)
            weights += weight
            direction_x, direction_y = _turn(flow, x, y, direction_x, direction_y)
    return total / weights


def _turn(flow: Flow, x: F32, y: F32, last_x: F32, last_y: F32) -> tuple[F32, F32]:
    """The flow at x, y, with the sign that keeps going the way we came."""
    column = np.rint(x).astype(np.intp)
    row = np.rint(y).astype(np.intp)
    next_x, next_y = flow.x[row, column], flow.y[row, column]
    sign = np.where(next_x * last_x + next_y * last_y < 0, np.float32(-1), np.float32(1))
    return sign * next_x, sign * next_y
