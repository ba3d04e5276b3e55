"""Every condition of an experiment on every background: what is edited, and what is predicted."""

import itertools
from dataclasses import dataclass

import numpy as np

from giaflow.edits.embed import chunks
from giaflow.edits.replace import sharing
from giaflow.experiments.grid import share, tiles
from giaflow.sequences.folding import energies
from giaflow.statistics.clusters import joined
from giaflow.statistics.stopping_rule import grow


@dataclass
class Subjects:
    """What an experiment edits: backgrounds, or real sequences in their place.

    Attributes
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    locus : numpy.ndarray
        (N,) int64, equal where sequences come from one place.
    donors : numpy.ndarray, optional
        (B, L) uint8, backgrounds that give real sequences their replacements.
    known : numpy.ndarray, optional
        (N, T) float32, predictions of the codes, where they are known.
    conditioning : str, optional
        How the codes were chosen, in words.
    """

    codes: np.ndarray
    locus: np.ndarray
    donors: np.ndarray | None = None
    known: np.ndarray | None = None
    conditioning: str | None = None


class Constructs:
    """The conditions of an experiment on N backgrounds and their predictions, tile by tile.

    Parameters
    ----------
    experiment : module
        Of `giaflow.experiments`.
    settings : giaflow.base.settings.Settings
    patterns : list
        Patterns, or pairs of alleles.
    subjects : Subjects
    model : giaflow.models.base.Model
    rng : numpy.random.Generator

    Attributes
    ----------
    conditions : list of giaflow.edits.embed.Condition
    contrasts : list of giaflow.statistics.contrasts.Contrast
    measures : dict of str to numpy.ndarray
        (N,) each.
    locus : numpy.ndarray
        (N,) int64, equal where backgrounds are not independent: they come from one place, or take
        letters from the same donors.
    prediction, baseline, changed : numpy.ndarray
        (C, N, T) float32 of the edited backgrounds, (N, T) float32 of those as they are, (C, N)
        bool where an edit changed a letter; 0 until their tile is filled.
    energy : numpy.ndarray
        (C, F) kcal/mol of the first F backgrounds, as many as the settings ask to fold.
    half_width : numpy.ndarray or None
        (T,) precision that `grow` was asked for.
    """

    def __init__(self, experiment, settings, patterns, subjects, model, rng):
        codes, donors = subjects.codes, subjects.donors
        self.subjects, self.model, self.measures = subjects, model, {}
        self.half_width = None
        self.conditions = experiment.conditions(settings, patterns, codes.shape[1], rng)
        if hasattr(experiment, "measures"):
            self.measures = experiment.measures(settings, patterns, codes)
        if hasattr(experiment, "search"):
            found, self.measures = experiment.search(
                settings, self._ask, *codes.shape, model.targets
            )
            self.conditions += found
        self.contrasts = experiment.contrasts(settings, self.conditions)
        # Sequences whose replacements come from the same donors are no more independent than
        # shuffles.
        donated = sharing(self.conditions, len(codes), 0 if donors is None else len(donors))
        self.locus = joined(subjects.locus, donated)
        c, n, t = len(self.conditions), len(codes), len(model.targets)
        self.prediction = np.zeros((c, n, t), np.float32)
        self.baseline = np.zeros((n, t), np.float32)
        self.changed = np.zeros((c, n), bool)
        self.energy = np.zeros((c, min(n, getattr(settings, "energy", 0))))

    def __len__(self):
        return len(self.baseline)

    def _ask(self, trials):
        codes, donors = self.subjects.codes, self.subjects.donors
        return self.model.predict_edits(codes, chunks(trials, codes, donors=donors))

    def tiles(self, start=0, stop=None):
        """The tiles of the backgrounds start .. stop, by default of all."""
        return tiles(len(self.conditions), start, len(self) if stop is None else stop)

    def fill(self, grid, *, together=False):
        """Predict some tiles.

        `together` predicts sequences as they are among the edited ones: that is less work where
        each is in one tile alone, and may change their last digits.
        """
        codes, known = self.subjects.codes, self.subjects.known
        for conditions, rows in grid:
            edited = self._edited(conditions, rows)
            if together:
                edited = itertools.chain(edited, [codes[None, rows]])
                found = self.model.predict_edits(codes[rows], edited)
                self.prediction[conditions, rows], self.baseline[rows] = found[:-1], found[-1]
                continue
            self.prediction[conditions, rows] = self.model.predict_edits(codes[rows], edited)
            bare = self.model.predict(codes[rows]) if known is None else known[rows]
            self.baseline[rows] = bare

    def _edited(self, conditions, rows):
        """Chunks (c, n, L) of a tile; notes what is changed, and folds the first backgrounds."""
        codes, at = self.subjects.codes, conditions.start
        some, folded = self.conditions[conditions], self.energy[:, rows].shape[1]
        for chunk in chunks(some, codes, donors=self.subjects.donors, within=rows):
            here = slice(at, at + len(chunk))
            self.changed[here, rows] = (chunk != codes[rows]).any(axis=2)
            if folded:
                found = [energies(edited[:folded]) for edited in chunk]
                self.energy[here, rows.start : rows.start + folded] = found
            yield chunk
            at = here.stop

    def grow(self, target, confidence, watch=lambda grid: grid):
        """Predict more backgrounds until every contrast is known precisely enough; drop the rest.

        See `giaflow.statistics.stopping_rule.grow`. `watch` is handed the tiles of each look.
        """
        self.half_width = target

        def predict(start, stop):
            self.fill(watch(self.tiles(start, stop)))
            return self.prediction[:, start:stop], self.baseline[start:stop]

        # What is changed is known as far as predictions are, which is as far as it is asked.
        _, baseline = grow(
            predict, self.contrasts, len(self), target, confidence, self.changed, self.locus
        )
        used = len(baseline)
        self.prediction, self.changed = self.prediction[:, :used], self.changed[:, :used]
        self.baseline, self.locus = self.baseline[:used], self.locus[:used]
        self.energy = self.energy[:, :used]
        self.measures = {name: values[:used] for name, values in self.measures.items()}


def predict(
    experiment, settings, patterns, subjects, model, rng, *, half_width=None, confidence=0.95,
    part=0, parts=1, watch=lambda grid: grid, together=False,
):  # fmt: skip
    """The filled `Constructs` of an experiment, or of one of its parts.

    Parameters
    ----------
    experiment, settings, patterns, subjects, model, rng
        As `Constructs` takes them.
    half_width : numpy.ndarray, optional
        (T,) in model units: predict backgrounds until every interval is as narrow; by default all
        are predicted.
    confidence : float
        Of those intervals.
    part, parts : int
        Which part of the tiles is filled, of how many; the others stay 0.
    watch : callable
        Is handed the tiles before they are filled, and returns them.
    together : bool
        Predict all conditions and the sequences as they are at once, see `Constructs.fill`.
    """
    made = Constructs(experiment, settings, patterns, subjects, model, rng)
    if together:
        everything = [(slice(0, len(made.conditions)), slice(0, len(made)))]
        made.fill(everything, together=True)
    elif half_width is None:
        made.fill(watch(share(made.tiles(), part, parts)))
    else:
        made.grow(half_width, confidence, watch)
    return made
