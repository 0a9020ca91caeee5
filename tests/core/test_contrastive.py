"""The contrastive losses against their formulas, written as loops."""

import math

import pytest
import torch
from torch.nn import functional

from nijigan.core.losses import (
    hard_negative_dce,
    hard_negative_weights,
    patch_nce,
    semantic_relation,
    style_patch_nce,
)

T = 0.07


def features(n=2, p=7, c=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    pair = torch.randn(2, n, p, c, dtype=torch.float64, generator=generator)
    q, k = functional.normalize(pair, dim=-1)
    return q.requires_grad_(), k.requires_grad_()


def by_picture(loss, q, k):
    """The mean over pictures, each on its own."""
    return sum(loss(a, b) for a, b in zip(q, k, strict=True)) / len(q)


def nce_by_hand(q, k):
    losses = []
    for i in range(len(q)):
        logits = [q[i] @ k[i]] + [
            q[i] @ k[j] if j != i else q.new_tensor(-10.0) for j in range(len(q))
        ]
        logits = torch.stack(logits) / T
        losses.append(logits.logsumexp(0) - logits[0])
    return sum(losses) / len(losses)


def relation_by_hand(q, k):
    total = 0
    q, k = (x / (x * x).sum(1, keepdim=True).sqrt() for x in (q, k))
    for i in range(len(q)):
        p, r = (torch.softmax(torch.stack([x[j] @ x[i] for j in range(len(x))]), 0) for x in (q, k))
        m = (p + r) / 2
        total = total + 0.5 * (p * (p / m).log()).sum() + 0.5 * (r * (r / m).log()).sum()
    return total


def weights_by_hand(k, gamma):
    rows = []
    for i in range(len(k)):
        row = torch.stack([k[i] @ k[j] if j != i else k.new_tensor(-10.0) for j in range(len(k))])
        row = torch.softmax(row / gamma, 0)
        rows.append(row / row.max())
    return torch.stack(rows)


def dce_by_hand(q, k, weights):
    """The objective whose gradient it is, and the value that is shown."""
    objective, shown = [], []
    for i in range(len(q)):
        negatives = [
            (q[i] @ k[j]) * weights[i, j] if j != i else q.new_tensor(-10.0) for j in range(len(q))
        ]
        negatives, own = torch.stack(negatives), q[i] @ k[i]
        objective.append(((negatives - own) / T).logsumexp(0))
        logits = torch.cat([own[None], negatives]) / T
        shown.append(logits.logsumexp(0) - logits[0])
    return sum(objective) / len(q), sum(shown) / len(q)


@pytest.mark.parametrize(
    ("ours", "by_hand"), [(patch_nce, nce_by_hand), (semantic_relation, relation_by_hand)]
)
def test_value_and_gradient_are_the_formulas(ours, by_hand):
    q, k = features()
    loss, wanted = ours(q, k), by_picture(by_hand, q, k.detach())
    torch.testing.assert_close(loss, wanted)
    grads = [torch.autograd.grad(x, q)[0] for x in (loss, wanted)]
    torch.testing.assert_close(*grads)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 50.0])
def test_weights_are_the_formula_and_have_no_gradient(gamma):
    _, k = features()
    weights = hard_negative_weights(k, gamma)
    assert not weights.requires_grad
    for ours, one in zip(weights, k.detach(), strict=True):
        torch.testing.assert_close(ours, weights_by_hand(one, gamma))
        torch.testing.assert_close(hard_negative_weights(one, gamma), ours)


def test_the_decoupled_loss_shows_the_cross_entropy_and_has_the_decoupled_gradient():
    q, k = features()
    weights = hard_negative_weights(k, 0.3)
    loss = hard_negative_dce(q, k, weights, T)
    by_hand = [dce_by_hand(a, b, w) for a, b, w in zip(q, k.detach(), weights, strict=True)]
    torch.testing.assert_close(loss, sum(shown for _, shown in by_hand) / 2)
    objective = sum(goal for goal, _ in by_hand) / 2
    torch.testing.assert_close(*(torch.autograd.grad(x, q)[0] for x in (loss, objective)))


@pytest.mark.parametrize(
    "loss",
    [
        patch_nce,
        style_patch_nce,
        semantic_relation,
        lambda q, k: hard_negative_dce(q, k, hard_negative_weights(k, 1.0)),
    ],
)
def test_one_picture_needs_no_batch_and_the_source_gets_no_gradient(loss):
    q, k = features(n=1)
    torch.testing.assert_close(loss(q[0], k[0]), loss(q, k))
    loss(q, k).backward()
    assert k.grad is None
    assert q.grad.abs().sum() > 0


def test_patches_that_are_told_apart_cost_nothing_and_equal_relations_neither():
    k = torch.eye(6)
    assert float(patch_nce(k, k)) == pytest.approx(math.log1p(5 * math.exp(-1 / T)), abs=1e-5)
    assert float(semantic_relation(k, k)) == pytest.approx(0, abs=1e-6)
    assert float(semantic_relation(k.roll(1, 0), k)) == pytest.approx(0, abs=1e-6)
    assert float(patch_nce(k.roll(1, 0), k)) > 10


def test_a_single_patch_has_no_negatives():
    q, k = features(p=1)
    assert patch_nce(q, k).item() < 1e-6
    assert torch.isfinite(hard_negative_dce(q, k, hard_negative_weights(k, 1.0)))
