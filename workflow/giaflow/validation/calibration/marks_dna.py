"""The declared marks of LabD: effects on two outputs, the wave and its period, the direction."""

import numpy as np

from giaflow.edits.embed import Embed
from giaflow.statistics.distance_curves import harmonic
from giaflow.validation.calibration import checks, designs
from giaflow.validation.calibration.bench import together, without_levels
from giaflow.validation.calibration.study_checks import checks_of
from giaflow.validation.oracles import dna

STUDIES = 100
# Start distances 11 to 120 of two N sites.
SPAN = {"nearest": 3, "farthest": 112, "start": 20}


def effects(bench, n=1000):
    """Every motif, the other strand and the distractor cover on both outputs."""
    turned = "CCATTGTTC"
    listed = (*designs.DNA_EFFECTS, designs.embedding("S@95, other strand", Embed(turned, 95)))
    design = together("table", listed)
    return checks_of(design, bench.replicate(design, n), bench.sesoi, bench.rng("table, judged"))


def wave(bench, n=200):
    """The spacing profile of two N sites over two turns."""
    gaps = list(range(0, 24, 2))
    settings = {"first": dna.N_SITE, "second": dna.N_SITE, "gaps": gaps, "start": 50}
    design, _ = bench.of_experiment("N x N", "spacing", **settings)
    design = without_levels(design)
    pairs = [k for k, c in enumerate(design.contrasts) if c.estimand == "interaction"]
    yield checks.profile_error("N x N", bench.replicate(design, n), pairs, bench.sesoi)


def _waves(bench, second, name, n, studies):
    """Wave rows and period rows on output N of N with another motif, one each a study."""
    settings = {"first": second, "second": dna.N_SITE, **SPAN}
    for results in bench.summarised(name, "periodicity", n, studies, **settings):
        of_n = [r for r in results if r.only == "N"]
        yield tuple(
            next(r.found for r in of_n if r.estimand == estimand) for estimand in ("wave", "period")
        )


def period(bench, n=100, studies=25):
    """The wave's period is found; a decay without a wave is not called one."""
    found = list(_waves(bench, dna.N_SITE, "period of N x N", n, studies))
    value = np.array([row.estimate[0] for _, row in found])
    p = np.array([[both.p[0] for both in rows] for rows in found])
    yield checks.table(
        [
            ("period", "N x N, smallest of the studies", value.min(), 10.3, 10.7),
            ("period", "N x N, largest of the studies", value.max(), 10.3, 10.7),
            ("period, largest p", "N x N, p of the declared period", p[:, 0].max(), 0.0, 0.01),
            ("period, largest p", "N x N, p of the scan", p[:, 1].max(), 0.0, 0.01),
        ]
    )
    decays = _waves(bench, dna.S_SITE, "decay of S x N", n, studies)
    called = np.mean([row.verdict[0] == "effect" for row, _ in decays])
    yield checks.table([("false periodicity", "S x N, a decay", called, 0.0, 0.07)])


def noise(bench, n=128, many=1000, gaps=110):
    """Curves of noise that neighbouring distances share: the test of a period keeps its size."""
    rng, distances = bench.rng("noise"), np.arange(11.0, 11 + gaps)
    for memory in (0.0, 0.9):
        p = []
        for _ in range(many):
            curves = _autoregressive(rng, n, gaps, memory)
            p.append(harmonic(distances, curves, dna.PERIOD, rng, draws=1).p)
        share = np.mean(np.array(p) < 0.05)
        yield checks.table([("false periodicity", f"noise, memory {memory}", share, 0.0, 0.07)])


def _autoregressive(rng, n, gaps, memory):
    """Curves (n, gaps) of variance 1 whose neighbours have this correlation."""
    steps = rng.standard_normal((gaps, n)) * np.sqrt(1 - memory**2)
    steps[0] /= np.sqrt(1 - memory**2)
    for i in range(1, gaps):
        steps[i] += memory * steps[i - 1]
    return steps.T


def direction(bench, n=200):
    """S changes N and never the other way: the sign of the index, in every study."""
    parts = {"S": {"text": dna.S_SITE, "start": 60}, "N": {"text": dna.N_SITE, "start": 100}}
    for targets, sign in ((["N", "S"], 1), (["S", "N"], -1)):
        name, settings = f"direction {' over '.join(targets)}", {"parts": parts}
        found = bench.summarised(name, "interaction", n, STUDIES, direction=targets, **settings)
        right = [np.sign(results[-1].found.estimate[0]) == sign for results in found]
        yield checks.table([("direction", name, np.mean(right), 1.0, 1.0)])


def equivalence(bench, n=200):
    """The distractor is called negligible on both outputs."""
    found = bench.replicate(designs.DNA_EFFECTS[2], n)
    for t, target in enumerate(bench.oracle.targets):
        called = (found.found.verdict[0, :, t] == "negligible").mean()
        name = f"distractor on {target}"
        yield checks.table([("verdict negligible", name, called, 0.95, 1.0)])


MARKS = (effects, wave, period, noise, direction, equivalence)
