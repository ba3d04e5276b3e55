"""The declared marks of LabR: effects, additivity, hindrance, hairpin, GC, power, screens."""

import dataclasses
import itertools

import numpy as np

from giaflow.edits.embed import Condition, Embed
from giaflow.statistics.contrasts import effect
from giaflow.statistics.estimates import paired
from giaflow.statistics.stopping_rule import grow
from giaflow.validation.calibration import checks, designs
from giaflow.validation.calibration.bench import together, without_levels
from giaflow.validation.calibration.designs import GC, LEFT, A, Design, V, embedding
from giaflow.validation.calibration.repeated_studies import dealt, redrawn
from giaflow.validation.calibration.study_checks import checks_of
from giaflow.validation.oracles import rna

N = 500
# Mini-studies of marks on claims, which are right or wrong as a whole.
STUDIES = 100


def effects(bench):
    """Every effect and interaction of the specification's table covers."""
    design = together("table", designs.RNA_EFFECTS + designs.RNA_INTERACTIONS)
    return checks_of(design, bench.replicate(design, N), bench.sesoi, bench.rng("table, judged"))


def links(bench):
    """Effects behind an exponential and a sigmoid link cover their Monte Carlo truth."""
    chosen = [designs.RNA_EFFECTS[0], designs.RNA_EFFECTS[5], designs.RNA_INTERACTIONS[0]]
    for name in (f"{bench.oracle.name}_exp", f"{bench.oracle.name}_sigmoid"):
        model, oracle = bench.variant(name)
        other = dataclasses.replace(bench, model=model, oracle=oracle)
        design = together(name, chosen)
        yield from checks_of(design, other.replicate(design, N), bench.sesoi, other.rng("judged"))


def additivity(bench):
    """Copies that hinder each other are not additive; copies in far slots are, within 10 %."""
    for slots, add_up in (((4, 12, 20), False), ((0, 16, 27), True), ((1, 13, 26), True)):
        name, right = f"3 x A@{','.join(map(str, slots))}", []
        settings = {"pattern": A, "slots": list(slots)}
        for results in bench.summarised(name, "copies", N, STUDIES, **settings):
            (row,) = [
                r for r in results
                if r.estimand == "additivity_share" and r.labels["copies"] == len(slots)
            ]  # fmt: skip
            equal = row.found.verdict[0] == "negligible"
            zero = row.found.ci_low[0] <= 0 <= row.found.ci_high[0]
            right.append(equal if add_up else not (equal or zero))
        check = "additivity equivalent" if add_up else "additivity rejected"
        yield checks.table([(check, name, np.mean(right), 0.95, 1.0)])


def spacing(bench):
    """The spacing profile of two sites, and the gap from which they do not hinder each other."""
    gaps = list(range(9))
    design, _ = bench.of_experiment("A x A", "spacing", first=A, second=A, gaps=gaps)
    design = without_levels(design)
    found = bench.replicate(design, N)
    pairs = [k for k, c in enumerate(design.contrasts) if c.estimand == "interaction"]
    yield checks.bias(found.only(_cells(found, pairs)))
    yield checks.profile_error("A x A", found, pairs, bench.sesoi)
    yield checks.threshold("A x A, gap 3", found, pairs, bench.sesoi)


def _cells(found, chosen):
    """Cells (K, T) of the chosen contrasts."""
    wanted = np.zeros(found.truth.shape, bool)
    wanted[chosen] = True
    return wanted


def hairpin(bench):
    """A motif in the loop and in the stem of a hairpin: every contrast covers."""
    design, _ = bench.of_experiment("hairpin", "hairpin", pattern=V, left=8, stem=9, loop=7)
    return checks_of(design, bench.replicate(design, N), bench.sesoi, bench.rng("hairpin, judged"))


def gc(bench):
    """GC at either end, alone and with a site: every contrast with an exact truth covers."""
    whole, settings = bench.of_experiment("GC", "regional_composition", pattern=A, start=17)
    fixed = designs.of_experiment(
        "GC", "regional_composition", settings, [], bench.oracle.length, bench.rng(whole.name)
    )
    return checks_of(fixed, bench.replicate(fixed, N), bench.sesoi, bench.rng("GC, judged"))


def equivalence(bench):
    """5' GC and a scrambled site are called negligible."""
    for design in (embedding("5' GC", LEFT), embedding("scramble", Embed("GUAGCU", 17))):
        called = bench.replicate(design, N).found.verdict[0, :, 0] == "negligible"
        yield checks.table([("verdict negligible", design.name, called.mean(), 0.95, 1.0)])


def power(bench, n=200, sizes=(0.0, 0.1, 0.2, 0.3)):
    """Power of the tables' test at known d_z, on redrawn windows with a shift added to all.

    Redrawn windows have mean zero; with the mean of all of them taken out and d_z times their
    standard deviation added, the true d_z is known.
    """
    rng, many = bench.rng("power"), bench.settings.null_experiments
    pool = redrawn(bench.model, slice(8, 33), bench.profile, n, many, rng)
    pool = np.moveaxis(pool, 1, 0).reshape(-1, 1)
    pool = (pool - pool.mean()) / pool.std()
    deals = 4 * bench.settings.deals
    centred = dealt(pool, n, rng, deals)
    for d_z in sizes:
        share = (paired(centred + d_z, np.ones(1)).p < 0.05).mean()
        expected = checks.t_power(d_z, n)
        # Theory is for normal effects; these are not.
        rows = [("power, minus that of normal effects", share - expected, -0.03, 0.03)]
        if d_z == 0.2:
            error = np.sqrt(expected * (1 - expected) / centred.shape[1])
            rows.append(("power at d_z 0.2", share, 0.8 - 2 * error, 1.0))
        yield checks.table([(row[0], f"d_z {d_z}, n = {n}", *row[1:]) for row in rows])


def _panel(rng, beside):
    """20 weakened sites from 1 to 0.05 of the site, and 180 words that `beside` calls inert."""
    preferred = rna.SITE_ROWS
    words = np.array(list(itertools.product(range(4), repeat=len(A))))
    strength = preferred[np.arange(len(A)), words].prod(axis=1)
    order = np.argsort(-strength, kind="stable")
    graded = words[order[:20]]
    inert = words[rng.permutation(order[20:])]
    return graded, inert[beside(inert)][:180]


def screen(bench, n=200, controls=2):
    """A screen of 200 patterns with 20 true ones: false discoveries among the verdicts "effect".

    The null hypothesis is an effect, less that of two scrambles, of at most half the smallest
    effect of interest; what is true is known for each pattern.
    """
    rng, delta, start = bench.rng("screen"), bench.sesoi / 2, 17
    everywhere = bench.profile

    def value(words):
        arms = np.repeat(everywhere[None], len(words), axis=0)
        arms[:, start : start + len(A)] = np.eye(4)[words]
        return bench.oracle(arms)[:, 0] - bench.oracle(everywhere[None])[0, 0]

    graded, inert = _panel(rng, lambda words: np.abs(value(words)) < delta[0])
    conditions, contrasts = [], []
    for number, word in enumerate(np.concatenate([graded, inert])):
        at = len(conditions)
        orders = [word, *(rng.permutation(word) for _ in range(controls))]
        edits = [Embed("".join("ACGU"[letter] for letter in order), start) for order in orders]
        conditions += [Condition({}, (edit,)) for edit in edits]
        weights = {at: 1.0, **{at + 1 + i: -1 / controls for i in range(controls)}}
        contrast = effect(at, {"pattern": number})
        contrasts.append(dataclasses.replace(contrast, weights=weights))
    design = Design("screen", tuple(conditions), tuple(contrasts))
    narrow = dataclasses.replace(
        bench, sesoi=delta, settings=bench.settings.model_copy(update={"deals": 1})
    )
    return [checks.screen(design.name, narrow.replicate(design, n, STUDIES), delta)]


def sequential(bench, cap=6400):
    """Intervals of runs that stop by themselves cover: the rule looks at widths alone."""
    chosen = (
        embedding("A@17", Embed(A, 17)),
        embedding("V@17", Embed(V, 17)),
        embedding("3' GC", Embed(GC, 34)),
    )
    many = bench.settings.replicates
    for design in chosen:
        pool, truth = bench.effects(design, many * cap // 4)[0], bench.truth(design)[0, 0]
        # Half the runs stop at 800 backgrounds or before.
        width, rng, held = 1.96 * pool.std() / np.sqrt(800), bench.rng(design.name, "runs"), []
        for _ in range(many):
            each = pool[rng.integers(0, len(pool), cap)]
            held.append(_stopped(each, width, truth, bench.sesoi))
        yield checks.table([("sequential coverage", design.name, np.mean(held), 0.93, 1.0)])


def _stopped(each, width, truth, sesoi):
    """Whether the interval of a run on effects (N, 1) that stops at `width` holds the truth."""

    def predict(start, stop):
        part = each[start:stop]
        return part[None], np.zeros_like(part)

    after, _ = grow(predict, [effect(0, {})], len(each), width)
    found = paired(after[0], sesoi)
    return found.ci_low[0] <= truth <= found.ci_high[0]


def zero_means(bench, n=N):
    """Effects of mean zero with spread: the tables' test keeps its size, skewed or not."""
    uniform = np.full((rna.LENGTH, 4), 0.25)
    design = embedding("distractor@17", Embed(rna.DISTRACTOR, 17))
    for name in ("ZeroMean", "ZeroMeanSkewed"):
        model, oracle = bench.variant(name)
        other = dataclasses.replace(bench, model=model, oracle=oracle, profile=uniform)
        found = other.replicate(design, n, bench.settings.null_experiments)
        rare = checks.needed(found.measured[0])[0] > n
        first = bench.settings.null_experiments
        p = found.found.p[0, :, 0]
        yield checks.type_one_error(f"{name}, {design.name}", p, first, rare=rare)


MARKS = (
    effects, links, additivity, spacing, hairpin, gc, equivalence, power, screen, sequential,
    zero_means,
)  # fmt: skip
