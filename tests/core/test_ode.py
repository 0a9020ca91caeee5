import math

import pytest
import torch
import torchdiffeq
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nijigan.core.errors import ConfigError
from nijigan.core.ode import (
    FIXED,
    RK4,
    Adaptive,
    Dopri5,
    Euler,
    Heun,
    Midpoint,
    ODEBlock,
    solver_from_name,
)

ALL_FIXED = [Euler, Midpoint, Heun, RK4, Dopri5]


def swing(t, y):
    """A slope that is smooth and depends on time and state."""
    return y * torch.cos(torch.as_tensor(t, dtype=y.dtype)) - 0.5 * torch.sin(y)


class SmallSlope(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, t, h):
        return torch.tanh(self.conv(h)) * (1 + t)


def exact(y0):
    return Dopri5(400).integrate(swing, y0, 1.0)


@pytest.mark.parametrize("solver", ALL_FIXED)
def test_the_error_falls_with_the_order_of_the_method(solver):
    y0 = torch.tensor([0.7, -1.3, 2.1], dtype=torch.float64)
    coarse, fine = (
        (solver(steps).integrate(swing, y0, 1.0) - exact(y0)).norm() for steps in (32, 64)
    )
    assert float(coarse / fine) == pytest.approx(2**solver.tableau.order, rel=0.1)


@pytest.mark.parametrize("solver", ALL_FIXED)
def test_a_tableau_is_consistent(solver):
    tableau = solver.tableau
    assert math.isclose(sum(tableau.b), 1.0)
    for row, c in zip(tableau.a, tableau.c, strict=True):
        assert math.isclose(sum(row), c, abs_tol=1e-12)


# torchdiffeq's 'rk4' is the 3/8 rule and its 'dopri5' is adaptive: neither is ours.
@pytest.mark.parametrize(
    ("solver", "method"), [(Euler(8), "euler"), (Midpoint(8), "midpoint"), (Heun(8), "heun2")]
)
def test_agrees_with_torchdiffeq_step_by_step(solver, method):
    y0 = torch.tensor([0.7, -1.3], dtype=torch.float64)
    theirs = torchdiffeq.odeint(
        swing, y0, torch.linspace(0, 1, 9, dtype=torch.float64), method=method
    )[-1]
    torch.testing.assert_close(solver.integrate(swing, y0, 1.0), theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("adjoint", [False, True])
def test_adaptive_agrees_with_many_fixed_steps(adjoint):
    torch.manual_seed(0)
    f = SmallSlope().double()
    y0 = torch.randn(2, 2, 4, 4, dtype=torch.float64)
    t1 = torch.tensor([0.3, 1.0], dtype=torch.float64).view(-1, 1, 1, 1)
    solver = Adaptive(rtol=1e-8, atol=1e-8, adjoint=adjoint)
    torch.testing.assert_close(
        solver.integrate(f, y0, t1), RK4(64).integrate(f, y0, t1), rtol=1e-6, atol=1e-6
    )


def test_the_adjoint_has_the_gradient_of_plain_backpropagation():
    torch.manual_seed(0)
    f = SmallSlope().double()
    y0 = torch.randn(1, 2, 4, 4, dtype=torch.float64)
    gradients = []
    for adjoint in (False, True):
        f.zero_grad()
        solver = Adaptive(rtol=1e-9, atol=1e-9, adjoint=adjoint)
        solver.integrate(f, y0, 1.0).square().sum().backward()
        gradients.append(f.conv.weight.grad.clone())
    torch.testing.assert_close(*gradients, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("solver", ALL_FIXED)
def test_gradients_are_right(solver):
    torch.manual_seed(0)
    block = ODEBlock(SmallSlope().double(), solver(2))
    h = torch.randn(2, 2, 2, 2, dtype=torch.float64, requires_grad=True)
    t1 = torch.tensor([0.4, 1.0], dtype=torch.float64).view(-1, 1, 1, 1).requires_grad_()
    assert torch.autograd.gradcheck(block, (h, t1))


@settings(deadline=None, max_examples=25)
@given(
    solver=st.sampled_from(ALL_FIXED),
    steps=st.integers(1, 3),
    ends=st.lists(st.floats(0, 1, width=32), min_size=2, max_size=4),
)
def test_a_picture_depends_on_its_own_end_and_not_on_its_batch_mates(solver, steps, ends):
    torch.manual_seed(0)
    f = SmallSlope().double()
    h = torch.randn(len(ends), 2, 3, 3, dtype=torch.float64)
    together = solver(steps).integrate(f, h, torch.tensor(ends).double().view(-1, 1, 1, 1))
    for i, end in enumerate(ends):
        alone = solver(steps).integrate(f, h[i : i + 1], float(end))
        torch.testing.assert_close(together[i : i + 1], alone, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("solver", [solver(3) for solver in ALL_FIXED])
def test_evaluations_are_counted_right(solver):
    calls = []

    def counting(t, y):
        calls.append(t)
        return y

    solver.integrate(counting, torch.ones(1), 1.0)
    assert len(calls) == solver.evaluations


def test_one_euler_step_is_a_residual_block_bit_for_bit():
    torch.manual_seed(0)
    f = SmallSlope()
    h = torch.randn(2, 2, 5, 5)
    assert torch.equal(ODEBlock(f, Euler(1))(h), h + f(0.0, h))


@pytest.mark.parametrize("name", [*FIXED, "adaptive"])
def test_names_round_trip(name):
    assert solver_from_name(name, 2).name == name


def test_an_unknown_solver_names_the_nearest():
    with pytest.raises(ConfigError, match="midpoint"):
        solver_from_name("midpiont")


def test_no_steps_is_an_error():
    with pytest.raises(ConfigError, match="0 steps"):
        RK4(0)
