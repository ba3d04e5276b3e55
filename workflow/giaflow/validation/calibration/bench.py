"""What the declared marks of a laboratory model are measured with."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from giaflow import experiments
from giaflow.base.seeds import generator
from giaflow.experiments import summaries
from giaflow.nulls.profile import draw_letters
from giaflow.statistics.contrasts import LEVEL
from giaflow.statistics.verdicts import Inference
from giaflow.validation.calibration.designs import Design
from giaflow.validation.calibration.repeated_studies import measure, replicate
from giaflow.validation.calibration.settings import Repeats
from giaflow.validation.truth.truth import exact, has_exact, monte_carlo


@dataclass(frozen=True)
class Bench:
    """A laboratory model on backgrounds whose positions are independent.

    Attributes
    ----------
    model : giaflow.models.base.Model
        What is run.
    oracle : giaflow.validation.oracles.oracle.Oracle
        What is true.
    profile : numpy.ndarray
        (L, 4) letter probabilities of the backgrounds.
    sesoi : numpy.ndarray
        (T,) smallest effects of interest.
    settings : Repeats
        Replicates, deals, mini-experiments and the size of Monte Carlo truths; the marks set
        their own number of backgrounds.
    seed : int
        The study's.
    variant : callable
        Name of a laboratory model -> (model, oracle), for marks on a variant.
    """

    model: object
    oracle: object
    profile: np.ndarray
    sesoi: np.ndarray
    settings: Repeats
    seed: int
    variant: Callable

    def rng(self, *labels):
        """The generator of one mark."""
        return generator(self.seed, "marks", self.oracle.name, *labels)

    def of_experiment(self, name, kind, **settings):
        """A registered experiment with settings: its `Design`, whole, and its settings."""
        module = experiments.REGISTRY.load(kind)
        chosen = module.Settings(**settings)
        listed = module.conditions(chosen, [], self.oracle.length, self.rng(name))
        contrasts = module.contrasts(chosen, listed)
        return Design(name, tuple(listed), tuple(contrasts)), chosen

    def truth(self, design):
        """True values (K, T) of a design, exact or by Monte Carlo."""
        if has_exact(self.oracle, design):
            return exact(self.oracle, design, self.profile)

        def draw(n, rng):
            return draw_letters(self.profile, n, rng)

        rng = self.rng(design.name, "truth")
        return monte_carlo(self.oracle, design, draw, self.settings.truth, rng)[0]

    def replicate(self, design, n, replicates=None):
        """`Replicates` of a design, n backgrounds each."""
        many = replicates or self.settings.replicates
        rng = self.rng(design.name)
        return replicate(
            self.model, design, self.truth(design), self.profile, n, many, self.sesoi, rng,
            deals=self.settings.deals,
        )  # fmt: skip

    def effects(self, design, n):
        """Effects (K, n, T) of a design."""
        return measure(self.model, design, self.profile, n, self.rng(design.name))

    def summarised(self, name, kind, n, replicates, **settings):
        """Yield the summary rows of an experiment, a list of results a replicate."""
        design, chosen = self.of_experiment(name, kind, **settings)
        measured = self.effects(design, n * replicates)
        inference = Inference(self.sesoi, 0.95, self.rng(name, "inference"), self.oracle.targets)
        summarise = summaries.of(kind, chosen, list(design.contrasts))
        for start in range(0, n * replicates, n):
            yield summarise([each[start : start + n] for each in measured], inference)


def without_levels(design):
    """The same design without the mean predictions themselves, which are not effects."""
    kept = tuple(c for c in design.contrasts if c.estimand != LEVEL)
    return Design(design.name, design.conditions, kept)


def together(name, designs):
    """Several designs on common backgrounds, each told by its name."""
    conditions, contrasts = [], []
    for design in designs:
        shift = len(conditions)
        for contrast in design.contrasts:
            weights = {i + shift if i >= 0 else i: w for i, w in contrast.weights.items()}
            labels = {**contrast.labels, "design": design.name}
            contrasts.append(type(contrast)(labels, weights, contrast.estimand))
        conditions += design.conditions
    return Design(name, tuple(conditions), tuple(contrasts))
