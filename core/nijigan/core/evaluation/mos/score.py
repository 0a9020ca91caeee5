"""Mean opinion scores and preference rates of a study, with intervals."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from nijigan.core.evaluation.mos.answers import Answers
from nijigan.core.evaluation.mos.key import Key

_Z = NormalDist().inv_cdf(0.975)
_RESAMPLES = 4000


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class MethodScore:
    """What people think of one method in one aspect."""

    method: str
    aspect: str
    mos: Estimate
    """Mean of the marks, 1…5."""
    preference: Estimate
    """Share of the choices of the best that fell on it, 0…1."""
    choices: int
    """How many fell on it."""


@dataclass(frozen=True)
class StudyScore:
    """The result of a study."""

    people: int
    pictures: int
    rows: tuple[MethodScore, ...]


def score_study(key: Key, answers: Answers) -> StudyScore:
    """Return the scores of each method in each aspect.

    The interval of a mean opinion score is a percentile bootstrap that draws people *and* pictures
    anew, both with replacement (Owen 2007, the pigeonhole bootstrap): it says what other people and
    other pictures might have given. With one person, or one picture, it cannot say that of them.
    The interval of a preference rate is Wilson's (1927), which takes the choices for independent;
    those of one person and of one picture are not quite, so it is rather narrow.
    """
    people, pictures = answers.best.shape[:2]
    means = answers.ratings.mean(axis=(0, 1))
    low, high = np.percentile(_resampled(answers.ratings), (2.5, 97.5), axis=0)
    rows = []
    for a, aspect in enumerate(key.aspects):
        for m, method in enumerate(key.methods):
            choices = int((answers.best[:, :, a] == m).sum())
            mos = Estimate(float(means[a, m]), float(low[a, m]), float(high[a, m]))
            rate = wilson(choices, people * pictures)
            rows.append(MethodScore(method, aspect, mos, rate, choices))
    return StudyScore(people, pictures, tuple(rows))


def wilson(hits: int, trials: int) -> Estimate:
    """Return a share and its 95 % score interval (Wilson 1927); of at least one trial."""
    share = hits / trials
    z2 = _Z**2 / trials
    center = (share + z2 / 2) / (1 + z2)
    half = _Z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials)) / (1 + z2)
    # At 0 and at 1 one bound is the share itself, but for rounding.
    low, high = min(share, center - half), max(share, center + half)
    return Estimate(share, max(0.0, low), min(1.0, high))


def _resampled(ratings: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the means `(resamples, aspects, methods)` of people and pictures drawn anew."""
    people, pictures = ratings.shape[:2]
    rng = np.random.default_rng(0)
    of_person = rng.multinomial(people, np.full(people, 1 / people), _RESAMPLES)
    of_picture = rng.multinomial(pictures, np.full(pictures, 1 / pictures), _RESAMPLES)
    by_person = np.tensordot(of_person, ratings, axes=1)
    means: NDArray[np.float64] = np.einsum(
        "bp,bpam->bam", of_picture / (people * pictures), by_person
    )
    return means
