"""The designs of the benchmark: conditions and contrasts whose truths are known."""

from dataclasses import dataclass, replace

from giaflow import experiments
from giaflow.base.checks import InputError
from giaflow.base.seeds import generator
from giaflow.edits.embed import Condition, Embed
from giaflow.edits.pattern_references import loaded
from giaflow.edits.patterns import Pattern, scrambles
from giaflow.statistics.contrasts import BACKGROUND, LEVEL, Contrast, effect
from giaflow.validation.oracles import dna, rna
from giaflow.validation.truth.truth import overwritten

GC = "GCGCGC"
RIGHT, LEFT = Embed(GC, 34), Embed(GC, 2)
A, V = rna.SITE, rna.LOOP_MOTIF


@dataclass(frozen=True)
class Design:
    """Conditions, and the contrasts between them whose truth is asked for.

    Attributes
    ----------
    name : str
    conditions : tuple of giaflow.edits.embed.Condition
    contrasts : tuple of giaflow.statistics.contrasts.Contrast
    """

    name: str
    conditions: tuple
    contrasts: tuple

    @property
    def labels(self):
        """A name for each contrast."""
        if len(self.contrasts) == 1:
            return (self.name,)
        told = [
            ", ".join(f"{key} {value}" for key, value in c.labels.items() if value is not None)
            for c in self.contrasts
        ]
        return tuple(
            f"{self.name}: {contrast.estimand.replace('_', ' ')}, {label}"
            for contrast, label in zip(self.contrasts, told, strict=True)
        )


def embedding(name, *edits):
    """The global importance of edits made together."""
    return Design(name, (Condition({}, edits),), (effect(0, {}),))


def interaction(name, first, second, both=None):
    """The interaction AB - A - B + background of two edits.

    `both` is the edit that makes both where they overlap.
    """
    together = (first, second) if both is None else (both,)
    conditions = tuple(Condition({}, edits) for edits in (together, (first,), (second,)))
    return Design(
        name,
        conditions,
        (Contrast({}, {0: 1.0, 1: -1.0, 2: -1.0, BACKGROUND: 1.0}, "interaction"),),
    )


def residual(name, *edits):
    """The additivity residual: the effect of all edits together minus the sum of their effects."""
    conditions = [Condition({}, edits), *(Condition({}, (edit,)) for edit in edits)]
    weights = {0: 1.0, **{i + 1: -1.0 for i in range(len(edits))}}
    weights[BACKGROUND] = len(edits) - 1.0
    return Design(name, tuple(conditions), (Contrast({}, weights, "additivity"),))


def of_experiment(name, kind, settings, patterns, length, rng, estimand=None):
    """The design of a registered experiment: its contrasts that have an exact truth.

    Left out are contrasts without a row in the tables, of logarithms, of every second background,
    of sequences that hold a pattern, and those with a condition that does more than overwrite
    letters; `estimand` keeps one kind.

    Raises
    ------
    InputError
        If there is no experiment of this kind, or it does not fit the length.
    """
    module = experiments.REGISTRY.load(kind)
    conditions = module.conditions(settings, patterns, length, rng)
    fixed = [_overwrites(condition, length) for condition in conditions]
    contrasts = [
        contrast
        for contrast in module.contrasts(settings, conditions)
        if estimand in (None, contrast.estimand)
        and contrast.row
        and contrast.estimand != LEVEL
        and not (contrast.log or contrast.present or contrast.step > 1)
        and all(index == BACKGROUND or fixed[index] for index in contrast.weights)
    ]
    used = sorted({index for c in contrasts for index in c.weights if index != BACKGROUND})
    place = {BACKGROUND: BACKGROUND, **{index: at for at, index in enumerate(used)}}
    contrasts = [
        replace(c, weights={place[index]: weight for index, weight in c.weights.items()})
        for c in contrasts
    ]
    return Design(name, tuple(conditions[index] for index in used), tuple(contrasts))


def _overwrites(condition, length):
    """Whether a condition writes the same letters on every background."""
    try:
        overwritten(condition, length)
    except InputError:
        return False
    return True


def of_study(name, entry, configured, length, seed, null="calibration"):
    """The design of a study's experiment, with its configured patterns and their scrambles.

    Parameters
    ----------
    name : str
        Of the experiment.
    entry : dict
        Its ``kind`` and ``settings``.
    configured : dict of str to str or dict
        The study's patterns: letters, or what `pattern_references.dumped` made of them.
    length, seed : int
        The study's.
    null : str
        Name of the null model it runs on: what an experiment draws at random depends on it.

    Returns
    -------
    Design
        Without contrasts if the experiment edits real sequences, whose truth is unknown.
    """
    settings = experiments.REGISTRY.load(entry["kind"]).Settings(**entry["settings"])
    if getattr(settings, "sequences", []):
        return Design(name, (), ())
    patterns = patterns_of(settings, configured, seed)
    rng = generator(seed, "experiment", null, name)
    return of_experiment(name, entry["kind"], settings, patterns, length, rng)


def patterns_of(settings, configured, seed):
    """The configured patterns that an experiment of a study asks for, and their scrambles."""
    asked = getattr(settings, "patterns", []) or list(configured)
    patterns = [Pattern.of(key, loaded(v)) for key, v in configured.items() if key in asked]
    controls = []
    for pattern in patterns:
        rng = generator(seed, "scrambles", pattern.text)
        controls += scrambles(pattern, getattr(settings, "scrambles", 0), rng)
    return patterns + controls


def site_pair(gap):
    """The interaction of two centred sites of LabR at a gap; a negative gap overlaps them."""
    width = 2 * len(A) + gap
    start = (rna.LENGTH - width + 1) // 2
    both = Embed(A[: len(A) + gap] + A, start) if gap < 0 else None
    return interaction(f"A x A gap {gap}", Embed(A, start), Embed(A, start + width - len(A)), both)


RNA_EFFECTS = (
    embedding("A@17", Embed(A, 17)),
    embedding("2 x A gap 0", Embed(A, 15), Embed(A, 21)),
    embedding("2 x A gap -2", Embed(A[:4] + A, 16)),
    embedding("2 x A gap 3", Embed(A, 13), Embed(A, 22)),
    embedding("3 x A@4,12,20", Embed(A, 4), Embed(A, 12), Embed(A, 20)),
    embedding("V@17", Embed(V, 17)),
    embedding("V@9", Embed(V, 9)),
    embedding("GC right", RIGHT),
    embedding("GC left", LEFT),
    embedding("A@17 + GC right", Embed(A, 17), RIGHT),
    embedding("A@17 + GC left", Embed(A, 17), LEFT),
    embedding("distractor@17", Embed(rna.DISTRACTOR, 17)),
    embedding("scramble@17", Embed("GUAGCU", 17)),
)
RNA_INTERACTIONS = (
    interaction("A@17 x GC right", Embed(A, 17), RIGHT),
    interaction("A@17 x GC left", Embed(A, 17), LEFT),
    *(site_pair(gap) for gap in (-2, 0, 1, 2, 3, 6)),
)
# Slots that hinder each other, and two sets of slots that do not.
RNA_ADDITIVITY = tuple(
    residual(f"3 x A@{','.join(map(str, slots))}", *(Embed(A, slot) for slot in slots))
    for slots in ((4, 12, 20), (0, 16, 27), (1, 13, 26))
)
DNA_EFFECTS = (
    embedding("N@96", Embed(dna.N_SITE, 96)),
    embedding("S@95", Embed(dna.S_SITE, 95)),
    embedding("distractor@96", Embed(dna.DISTRACTOR, 96)),
)
