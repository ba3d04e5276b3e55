"""Where the backgrounds and sequences of an experiment come from, to be drawn as often as asked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from giaflow import validation
from giaflow.base.seeds import generator
from giaflow.experiments.constructs import Subjects
from giaflow.nulls import REGISTRY, backgrounds
from giaflow.nulls.profile import draw_letters
from giaflow.validation.oracles.simulation import frequencies, planted, with_pattern


@dataclass(frozen=True)
class Source:
    """A simulated set of sequences, which can be drawn again.

    Attributes
    ----------
    n : int
        Sequences of the study's set.
    profile : numpy.ndarray
        (L, 4) letter probabilities that they were drawn from.
    oracle : giaflow.validation.oracles.oracle.Oracle or None
        Whose motifs are planted in half of them.
    planted : str or None
        Letters of a pattern in the middle of each.
    """

    n: int
    profile: np.ndarray
    oracle: object = None
    planted: str | None = None

    @classmethod
    def of(cls, length, n, seed, label, oracle, planted):
        """The source of a set, from what the study simulated it with."""
        known = None if oracle is None else validation.load(oracle)
        return cls(n, frequencies(length, generator(seed, "simulated", label)), known, planted)

    def draw(self, n, rng):
        """Fresh sequences (n, L) uint8."""
        if self.oracle is not None:
            return planted(self.oracle, n, rng, self.profile)[0]
        codes = draw_letters(self.profile, n, rng)
        return codes if self.planted is None else with_pattern(codes, self.planted, rng)


def null_model(null, reference):
    """A function (n, rng) -> codes (n, L) of a study's null model.

    Parameters
    ----------
    null : dict
        Its ``kind`` and ``settings``.
    reference : numpy.ndarray
        (M, L) uint8 codes that it imitates.
    """
    settings = REGISTRY.load(null["kind"]).Settings(**null["settings"])

    def draw(n, rng):
        seed = int(rng.integers(2**31))
        return backgrounds(null["kind"], ("truth",), reference, n, seed, settings)[0]

    return draw


@dataclass(frozen=True)
class Population:
    """What an experiment edits, drawn afresh.

    Attributes
    ----------
    draw : callable
        (n, rng) -> codes (n, L) of the null model.
    sources : tuple of Source
        The sequence sets that are edited; none if backgrounds are.
    """

    draw: Callable
    sources: tuple = ()

    def subjects(self, experiment, settings, patterns, n, model, rng):
        """Fresh `Subjects`, n before an experiment chooses among them."""
        if not self.sources:
            codes = self.draw(n, rng)
            return Subjects(codes, np.arange(len(codes)))
        shares = np.array([source.n for source in self.sources])
        counts = np.diff(np.round(n * np.cumsum([0, *shares]) / shares.sum()).astype(int))
        parts = [s.draw(count, rng) for s, count in zip(self.sources, counts, strict=True)]
        codes = rng.permutation(np.concatenate(parts))
        if hasattr(experiment, "choose"):
            args = (settings, patterns, codes, model.targets, model.predict)
            codes = codes[experiment.choose(*args)[0]]
        # Some experiments choose on half of the donors and estimate on the others.
        donors = self.draw(2 * settings.draws * max(2, len(codes)), rng)
        return Subjects(codes, np.arange(len(codes)), donors)
