import torch

from nijigan.core.methods.image_pool import ImagePool
from nijigan.core.training.part import Part, divide, whole_part
from nijigan.core.training.world import World


def pool(size=3, stream=0, world=World()):  # noqa: B008
    return ImagePool(size, 1, stream, world)


def drawings(*values):
    return torch.tensor(values, dtype=torch.float32).view(-1, 1, 1, 1).expand(-1, 3, 1, 1)


def values(pictures):
    return pictures[:, 0, 0, 0].tolist()


def parts(step, count, passes=1, strength=None):
    strength = torch.ones(count) if strength is None else torch.tensor(strength)
    return divide(whole_part(strength, strength, step, 7), slice(0, count), passes)


def show(own, step, pictures, passes=1, strength=None):
    """Show a step's drawings, in as many passes."""
    own_parts = parts(step, len(pictures), passes, strength)
    for part in own_parts:
        own.keep(part, pictures[part.first : part.first + len(part.strength)])
    return [value for part in own_parts for value in values(own.shown(part))]


def test_until_it_is_full_every_drawing_is_kept_and_shown():
    own = pool(3)
    assert show(own, 0, drawings(1, 2)) == [1, 2]
    assert show(own, 1, drawings(3)) == [3]
    assert values(own.pictures) == [1, 2, 3]


def test_then_half_are_exchanged_for_one_of_the_stock_at_random():
    own = pool(10)
    stock = set(range(10))
    show(own, 0, drawings(*range(10)))
    exchanged = 0
    for step in range(1, 401):
        (seen,) = show(own, step, drawings(step + 100))
        if seen != step + 100:
            exchanged += 1
            assert seen in stock
            stock = stock - {seen} | {step + 100}
        assert set(values(own.pictures)) == stock
    assert 160 < exchanged < 240


def test_the_choices_are_of_seed_step_and_stream_alone():
    def history(stream, skip):
        own = pool(3, stream)
        show(own, 0, drawings(0, 1, 2))
        torch.rand(skip)
        return [show(own, step, drawings(step + 9)) for step in range(1, 30)]

    assert history(5, 0) == history(5, 3)
    assert history(5, 0) != history(6, 0)


def test_what_is_at_strengths_below_1_stays_out():
    own = pool(3)
    assert show(own, 0, drawings(1, 2, 3), strength=[1.0, 0.3, 1.0]) == [1, 2, 3]
    assert values(own.pictures) == [1, 3, 0]


def test_without_a_stock_the_latest_are_shown():
    own = pool(0)
    for step in range(5):
        assert show(own, step, drawings(step)) == [step]


def test_no_gradient_goes_through_it():
    own, latest = pool(1), drawings(2.0).clone().requires_grad_(True)
    (part,) = parts(0, 1)
    own.keep(part, latest)
    assert not own.shown(part).requires_grad
    assert not own.pictures.requires_grad


def test_passes_and_processes_share_one_stock():
    pictures = [drawings(*range(4 * step, 4 * step + 4)) for step in range(12)]
    own = pool()
    expected = [show(own, step, batch) for step, batch in enumerate(pictures)]
    own = pool()
    assert [show(own, step, batch, passes=2) for step, batch in enumerate(pictures)] == expected

    class Together(World):
        """The other process's pictures are known beforehand."""

        def gather(self, tensor):
            whole = torch.ones(4) if tensor.dim() == 1 else pictures[step]
            assert torch.equal(whole[2:], tensor)
            return whole

    own = pool(world=Together(1, 2))
    for step, batch in enumerate(pictures):
        mine = Part(torch.ones(2), torch.ones(2), step, 7, 2, 4, 1.0, 1.0)
        own.keep(mine, batch[2:])
        assert values(own.shown(mine)) == expected[step][2:]


def test_the_stock_is_saved():
    own, other = pool(3), pool(3)
    show(own, 0, drawings(4, 5))
    other.load_state_dict(own.state_dict())
    assert values(other.pictures) == [4, 5, 0]
    assert int(other.count) == 2
