"""Contrastive losses between patches of two pictures: what was one place must stay one place.

All take features of the same patches in both pictures, `q` of the generated and `k` of the source:
`(P, C)` for one picture or `(N, P, C)` for several, each of length 1 along C. Patches are compared
within their picture alone, and no gradient reaches `k`.

PatchNCE: Park et al. 2020 (CUT). Semantic relation and hard negatives: Jung, Kwon and Ye 2022,
arXiv 2203.01532.
"""

import torch
from torch import Tensor
from torch.nn import functional

# Of the published code: stands for "no similarity" where a patch would be its own negative.
_NEVER = -10.0


def patch_nce(q: Tensor, k: Tensor, temperature: float = 0.07) -> Tensor:
    """Return the mean cross-entropy of telling, for each patch of `q`, which of `k` is its own.

    −log exp(q_i·k_i/T) / (exp(q_i·k_i/T) + Σ_{j≠i} exp(q_i·k_j/T)), a scalar.
    """
    q, k = _batched(q, k)
    return _cross_entropy(_own(q, k), torch.bmm(q, k.transpose(1, 2)), temperature).mean()


def style_patch_nce(q: Tensor, k: Tensor, temperature: float = 0.07) -> Tensor:
    """Return `patch_nce` with the pseudo-target's patches as `k`: Scenimefy's supervised loss."""
    return patch_nce(q, k, temperature)


def semantic_relation(q: Tensor, k: Tensor) -> Tensor:
    """Return how unlike the patches' similarities to each other are in the two pictures.

    S = x xᵀ of the normalized patches, p the softmax of each column; the Jensen-Shannon divergences
    of the columns of p(q) and p(k) are added up over the patches, and averaged over pictures.
    """
    q, k = _batched(q, k)
    log_q, log_k = (functional.log_softmax(_similarity(x), dim=1) for x in (q, k))
    p, target = log_q.exp(), log_k.exp()
    log_mean = (0.5 * (p + target)).log()
    divergence = p * (log_q - log_mean) + target * (log_k - log_mean)
    return 0.5 * divergence.sum((1, 2)).mean()


def hard_negative_weights(k: Tensor, gamma: float) -> Tensor:
    """Return how much each patch counts as a negative: the more alike in the source, the more.

    Args:
        k: `(P, C)` or `(N, P, C)`.
        gamma: temperature of the softmax; large values weight all alike.

    Returns:
        `(P, P)` or `(N, P, P)`, the largest weight of each row 1, without gradient; the diagonal is
        next to 0.
    """
    similarity = _without_self(_similarity(k.detach().unsqueeze(0) if k.dim() == 2 else k.detach()))
    weights = (similarity / gamma).softmax(dim=2)
    weights = weights / weights.amax(dim=2, keepdim=True)
    return weights[0] if k.dim() == 2 else weights


def hard_negative_dce(q: Tensor, k: Tensor, weights: Tensor, temperature: float = 0.07) -> Tensor:
    """Return the decoupled contrastive loss with weighted negatives.

    The gradient is that of the mean of log Σ_{j≠i} exp((w_ij q_i·k_j − q_i·k_i)/T): the positive is
    not in the sum, so patches that are told well still learn. The value is the cross-entropy with
    these negatives, which is what can be read.

    Args:
        q, k: see above.
        weights: from `hard_negative_weights`, `(P, P)` or `(N, P, P)`.
    """
    q, k = _batched(q, k)
    weights = weights if weights.dim() == 3 else weights.unsqueeze(0)
    own, others = _own(q, k), torch.bmm(q, k.transpose(1, 2)) * weights
    value = _cross_entropy(own, others, temperature).mean()
    decoupled = ((_without_self(others) - own) / temperature).logsumexp(dim=2).mean()
    return decoupled - decoupled.detach() + value.detach()


def _batched(q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    k = k.detach()
    return (q, k) if q.dim() == 3 else (q.unsqueeze(0), k.unsqueeze(0))


def _own(q: Tensor, k: Tensor) -> Tensor:
    """Return the similarity of each patch with itself in the other picture, `(N, P, 1)`."""
    return (q * k).sum(2, keepdim=True)


def _similarity(x: Tensor) -> Tensor:
    """Return the cosines of all pairs of patches, `(N, P, P)`."""
    x = functional.normalize(x, dim=2)
    return torch.bmm(x, x.transpose(1, 2))


def _without_self(similarity: Tensor) -> Tensor:
    diagonal = torch.eye(similarity.shape[1], dtype=torch.bool, device=similarity.device)
    return similarity.masked_fill(diagonal, _NEVER)


def _cross_entropy(own: Tensor, others: Tensor, temperature: float) -> Tensor:
    """Return −log softmax of the positive, which comes first, `(N, P)`."""
    logits = torch.cat([own, _without_self(others)], dim=2) / temperature
    return logits.logsumexp(dim=2) - logits[..., 0]
