import math

import pytest
import torch

from nijigan.core.models.vector_quantizer import VectorQuantizer

BETA = 0.25


def quantizer(**config):
    """Eight codewords of three numbers, spread out as if trained."""
    torch.manual_seed(0)
    made = VectorQuantizer(8, 3, BETA, **config).double()
    torch.nn.init.normal_(made.embedding.weight)
    return made


def features():
    return torch.randn(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)


def test_the_codewords_start_uniform_around_zero():
    torch.manual_seed(0)
    words = VectorQuantizer(50, 400).embedding.weight
    assert words.shape == (50, 400)
    assert words.abs().max() <= 1 / 50
    assert words.abs().max() > 0.99 / 50
    assert words.std().item() == pytest.approx(1 / 50 / math.sqrt(3), rel=0.02)


def test_each_vector_becomes_its_nearest_codeword():
    made, z = quantizer(), features()
    codewords, _, indices, seen = made(z)
    assert seen is z
    words = made.embedding.weight
    assert indices.shape == (2, 4, 5)
    for n, y, x in torch.cartesian_prod(torch.arange(2), torch.arange(4), torch.arange(5)):
        distances = [(z[n, :, y, x] - word).norm().item() for word in words]
        nearest = distances.index(min(distances))
        assert indices[n, y, x] == nearest
        torch.testing.assert_close(codewords[n, :, y, x], words[nearest])
    assert torch.equal(made.lookup(indices)[1, :, 2, 3], words[indices[1, 2, 3]])
    assert indices.unique().numel() > 3


def test_the_gradient_goes_straight_through():
    made, z = quantizer(), features()
    weight = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    (made(z).codewords * weight).sum().backward()
    torch.testing.assert_close(z.grad, weight)
    assert made.embedding.weight.grad is None


@pytest.mark.parametrize(("legacy", "on_features", "on_words"), [(True, 1, BETA), (False, BETA, 1)])
def test_beta_weighs_the_term_that_it_should(legacy, on_features, on_words):
    made, z = quantizer(legacy=legacy), features()
    _, loss, indices, _ = made(z)
    away = made.lookup(indices).detach() - z.detach()
    torch.testing.assert_close(loss.detach(), (1 + BETA) * away.square().mean())
    loss.backward()
    torch.testing.assert_close(z.grad, on_features * -2 * away / away.numel())
    for i, gradient in enumerate(made.embedding.weight.grad):
        here = (indices == i)[:, None]
        expected = (on_words * 2 * away / away.numel() * here).sum((0, 2, 3))
        torch.testing.assert_close(gradient, expected)


def test_the_published_order_is_the_default():
    assert VectorQuantizer(2, 2).legacy
    assert VectorQuantizer(2, 2).beta == BETA


def test_mixed_precision_chooses_the_same_codewords():
    torch.manual_seed(0)
    made = VectorQuantizer(512, 16)
    z = torch.randn(4, 16, 8, 8) / 512
    with torch.autocast("cpu", torch.bfloat16):
        mixed = made.nearest(z)
    assert torch.equal(mixed, made.nearest(z))


@pytest.mark.parametrize(
    ("indices", "expected"),
    [
        ([[3, 3]], 1.0),
        ([[0, 1, 2, 3], [4, 5, 6, 7]], 8.0),
        ([[0, 0, 0, 5]], 0.25**-0.25 * 0.75**-0.75),
    ],
)
def test_perplexity_counts_the_codewords_in_use(indices, expected):
    assert quantizer().perplexity(torch.tensor(indices)).item() == pytest.approx(expected)
