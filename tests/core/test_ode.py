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
    count_evaluations,
    counting_evaluations,
    solver_from_name,
)

ALL_FIXED = [Euler, Midpoint, Heun, RK4, Dopri5]


def swing(t, y):
    """A slope that is smooth and depends on time and state."""
    return y * torch.cos(torch.as_tensor(t, dtype=y.dtype)) - 0.5 * torch.sin(y)


class SmallSlope(nn.Module):
    """A smooth convolution that depends on time and state."""

    def __init__(self, channels=2):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, t, h):
        return torch.tanh(self.conv(h)) * (1 + t)


def exact(y0):
    return Dopri5(400).integrate(swing, y0, 1.0)


@pytest.mark.parametrize("solver", ALL_FIXED)
def test_the_error_falls_with_the_order_of_the_method(solver):
    y0 = torch.tensor([0.7, -1.3, 2.1], dtype=torch.float64)
    coarse, fine = (
        (solver(steps).integrate(swing, y0, 1.0) - exact(y0)).norm() for steps in (64, 128)
    )
    assert float(coarse / fine) == pytest.approx(2**solver.tableau.order, rel=0.1)


@pytest.mark.parametrize("solver", ALL_FIXED)
def test_a_tableau_is_consistent(solver):
    tableau = solver.tableau
    assert math.isclose(sum(tableau.b), 1.0)
    for row, c in zip(tableau.a, tableau.c, strict=True):
        assert math.isclose(sum(row), c, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("solver", "method"),
    [(Euler, "euler"), (Midpoint, "midpoint"), (Heun, "heun2"), (RK4, "rk4")],
)
@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-6)])
def test_agrees_with_torchdiffeq_step_by_step(solver, method, steps, dtype, tolerance):
    torch.manual_seed(0)
    f = SmallSlope().to(dtype)
    y0 = torch.randn(2, 2, 4, 4, dtype=dtype)
    grid = torch.linspace(0, 1, steps + 1, dtype=dtype)
    with torch.no_grad():
        theirs = torchdiffeq.odeint(f, y0, grid, method=method)[-1]
        ours = solver(steps).integrate(f, y0, 1.0)
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


def test_one_step_of_dopri5_is_one_accepted_step_of_torchdiffeqs():
    torch.manual_seed(0)
    f = SmallSlope().double()
    y0 = torch.randn(2, 2, 4, 4, dtype=torch.float64)
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    # So tolerant that the whole interval, tried first, is accepted.
    how = {"rtol": 1e9, "atol": 1e9, "method": "dopri5", "options": {"first_step": 1.0}}
    with torch.no_grad():
        theirs = torchdiffeq.odeint(f, y0, ends, **how)[-1]
        ours = Dopri5(1).integrate(f, y0, 1.0)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


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


@pytest.mark.parametrize(
    "solver",
    [
        *(solver(2) for solver in ALL_FIXED),
        Adaptive(rtol=1e-9, atol=1e-9),
        Adaptive(rtol=1e-9, atol=1e-9, adjoint=True),
    ],
)
def test_gradients_are_right_for_state_end_and_weights(solver):
    torch.manual_seed(0)
    block = ODEBlock(SmallSlope(1).double(), solver)
    h = torch.randn(2, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    t1 = torch.tensor([0.4, 1.0], dtype=torch.float64).view(-1, 1, 1, 1).requires_grad_()
    # The weights are inputs too: gradcheck changes them in place.
    assert torch.autograd.gradcheck(lambda h, t1, *_: block(h, t1), (h, t1, *block.parameters()))


@settings(max_examples=25)
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


@pytest.mark.parametrize("solver", ALL_FIXED)
def test_pictures_in_another_order_give_the_same_in_that_order(solver):
    torch.manual_seed(0)
    f = SmallSlope().double()
    h = torch.randn(4, 2, 3, 3, dtype=torch.float64)
    t1 = torch.rand(4, 1, 1, 1, dtype=torch.float64)
    order = torch.tensor([2, 0, 3, 1])
    there = solver(2).integrate(f, h, t1)
    torch.testing.assert_close(solver(2).integrate(f, h[order], t1[order]), there[order])


@pytest.mark.parametrize("solver", [solver(3) for solver in ALL_FIXED])
def test_evaluations_are_counted_right(solver):
    calls = []

    def counting(t, y):
        calls.append(t)
        return y

    solver.integrate(counting, torch.ones(1), 1.0)
    assert len(calls) == solver.evaluations


def test_the_evaluations_of_every_block_are_told_by_name():
    blocks = nn.Sequential(
        ODEBlock(SmallSlope(), RK4(2)), nn.ReLU(), ODEBlock(SmallSlope(), Euler())
    )
    h = torch.randn(1, 2, 4, 4)
    assert count_evaluations(blocks, h) == {"0": 8, "2": 1}
    assert count_evaluations(blocks[0], h) == {"": 8}
    assert not any(block.f._forward_pre_hooks for block in (blocks[0], blocks[2]))


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
def test_adaptive_dopri5_evaluates_twice_and_six_times_for_every_step_it_tries(tolerance):
    torch.manual_seed(0)
    f = SmallSlope().double()
    f.conv.weight.data *= 20  # stiff enough that steps are rejected
    h = torch.randn(1, 2, 4, 4, dtype=torch.float64)
    tried, accepted = [], []
    f.callback_step = lambda t, y, step: tried.append(t)
    f.callback_accept_step = lambda t, y, step: accepted.append(t)
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    torchdiffeq.odeint(f, h, ends, rtol=tolerance, atol=tolerance)
    assert len(tried) > len(accepted)
    block = ODEBlock(f, Adaptive(rtol=tolerance, atol=tolerance))
    assert count_evaluations(block, h) == {"": 2 + 6 * len(tried)}


def test_the_backward_pass_of_an_adjoint_evaluates_too():
    block = ODEBlock(SmallSlope(), Adaptive(adjoint=True))
    with counting_evaluations(block) as counts:
        drawn = block(torch.randn(1, 2, 4, 4))
        forward = counts[""]
        drawn.sum().backward()
    assert counts[""] > forward > 0


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


def test_an_adaptive_solver_is_the_one_that_is_given():
    solver = Adaptive("bosh3", rtol=1e-4)
    assert solver_from_name("adaptive", adaptive=solver) is solver
    assert solver_from_name("adaptive") == Adaptive()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "dopry5"}, "dopri5"),
        ({"method": "rk4"}, "No adaptive method 'rk4'"),
        ({"rtol": 0.0}, "'rtol' is 0.0"),
        ({"atol": math.nan}, "'atol' is nan"),
    ],
)
def test_settings_that_no_adaptive_solver_has_are_errors(settings, message):
    with pytest.raises(ConfigError, match=message):
        Adaptive(**settings)


def test_the_adjoint_of_a_function_is_an_error():
    with pytest.raises(ConfigError, match="Make f a module"):
        Adaptive(adjoint=True).integrate(swing, torch.ones(1))


def test_no_steps_is_an_error():
    with pytest.raises(ConfigError, match="0 steps"):
        RK4(0)


@pytest.mark.parametrize("adjoint", [False, True])
def test_the_adaptive_solver_keeps_its_state_and_times_in_float32_under_bf16(adjoint):
    torch.manual_seed(0)
    seen = []

    class Slope(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, t, y):
            seen.append((t.dtype, y.dtype))
            return self.conv(y)

    slope, state = Slope(), torch.randn(2, 4, 8, 8)
    solver = Adaptive("dopri5", 1e-3, 1e-3, adjoint)
    exact = solver.integrate(slope, state)
    seen.clear()
    with torch.autocast("cpu", torch.bfloat16):
        rough = solver.integrate(slope, state.bfloat16())
        rough.square().mean().backward()
    assert set(seen) == {(torch.float32, torch.float32)}
    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough, exact, rtol=0.05, atol=0.05)
    assert slope.conv.weight.grad is not None
