import torch

from nijigan.core.data import Batch
from nijigan.core.methods.idle_codewords import IdleCodewords
from nijigan.core.models.vector_quantizer import VectorQuantizer
from nijigan.core.training.part import divide, whole_part
from nijigan.core.training.world import World


def quantizer():
    """Four codewords far apart, in two dimensions."""
    made = VectorQuantizer(4, 2)
    made.embedding.weight.data = torch.tensor([[10.0, 0], [0, 10], [-10, 0], [0, -10]])
    return made


FEATURES = torch.randn(2, 2, 3, 3, generator=torch.Generator().manual_seed(1)) * 0.1
FEATURES[:, 0] += 10
"""Of two pictures, all near the first codeword."""


def steps(count, passes=1):
    """Let every step see the same features; return how long codewords idle, and the codebook."""
    own, made = IdleCodewords(4, 3, World()), quantizer()
    blank = torch.zeros(2, 3, 4, 4)
    for step in range(count):
        whole = whole_part(Batch(blank, blank), torch.ones(2), step, 0)
        for part in divide(whole, slice(0, 2), passes):
            mine = FEATURES[part.first : part.first + len(part.strength)]
            own.see(part, made(mine), made(mine + 0.1))
        own.restart(made)
    return own.idle.tolist(), made.embedding.weight.detach()


def test_a_codeword_that_is_idle_for_too_long_becomes_the_feature_of_some_place():
    before = quantizer().embedding.weight
    idle, words = steps(2)
    assert idle == [0, 2, 2, 2]
    assert torch.equal(words, before)
    idle, words = steps(3)
    assert idle == [0, 0, 0, 0]
    assert torch.equal(words[0], before[0])
    places = torch.cat([FEATURES, FEATURES + 0.1]).movedim(1, -1).reshape(-1, 2)
    assert all((places == word).all(1).any() for word in words[1:])
    assert len(words.unique(dim=0)) == 4


def test_it_does_not_matter_how_a_batch_is_divided():
    (idle, words), (idle_too, words_too) = steps(4), steps(4, passes=2)
    assert idle == idle_too
    assert torch.equal(words, words_too)
