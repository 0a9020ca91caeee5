import pytest
import torch
from torch import nn

from nijigan.core.errors import ExportError
from nijigan.core.ode import RK4, Adaptive, Euler, Midpoint
from nijigan.export.unroll import unroll


@pytest.mark.parametrize("solver", [Euler(1), Midpoint(2), RK4(1)])
@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_the_unrolled_copy_computes_the_same(tiny_generator, solver, strength):
    image = torch.rand(2, 3, 32, 48) * 2 - 1
    unrolled = unroll(tiny_generator, solver)
    tiny_generator.set_solver(solver)
    with torch.no_grad():
        expected = tiny_generator(image, strength)
        assert torch.allclose(unrolled(image, strength), expected, atol=2e-5)


def test_no_norm_is_left_and_the_original_keeps_its_own(tiny_generator):
    norms = [m for m in tiny_generator.modules() if isinstance(m, nn.BatchNorm2d)]
    unrolled = unroll(tiny_generator, Euler(1))
    assert not [m for m in unrolled.modules() if isinstance(m, nn.BatchNorm2d)]
    assert norms == [m for m in tiny_generator.modules() if isinstance(m, nn.BatchNorm2d)]


def test_an_adaptive_solver_is_refused_with_the_fixed_ones_named(tiny_generator):
    with pytest.raises(ExportError, match=r"freeze one picture's step sizes.*midpoint"):
        unroll(tiny_generator, Adaptive())


def test_a_norm_that_cannot_be_folded_is_refused(tiny_generator):
    class NormFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm2d(3)

        def set_solver(self, solver):
            pass

    with pytest.raises(ExportError, match="'norm' does not follow a convolution"):
        unroll(NormFirst(), Euler(1))
