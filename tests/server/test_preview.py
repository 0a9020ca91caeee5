"""How large a preview is, and when there is none."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from nijigan.server.preview import preview_size


@pytest.mark.parametrize(
    ("picture", "side", "size"),
    [
        ((64, 48), 16, (21, 16)),
        ((48, 64), 16, (16, 21)),
        ((8192, 8192), 512, (512, 512)),
        ((64, 48), 0, None),  # not asked for
        ((64, 48), 48, None),  # not smaller
        ((8192, 16), 16, None),
        ((60000, 600), 512, None),  # 51200x512 do not fit into a message
    ],
)
def test_sizes(picture, side, size):
    assert preview_size(*picture, side) == size


@given(integers(16, 8192), integers(16, 8192), integers(16, 512))
def test_it_is_smaller_keeps_the_shape_and_fits_into_a_message(width, height, side):
    size = preview_size(width, height, side)
    if size is not None:
        assert min(size) == side < min(width, height)
        assert abs(size[0] / size[1] * height / width - 1) <= 1 / side
        assert 3 * size[0] * size[1] < 4 << 20
