"""The whole configuration as pydantic models: the one source of keys, types and defaults."""

from typing import Literal

from pydantic import (
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)

from giaflow import validation
from giaflow.base.settings import File, Settings
from giaflow.config.attribution import Attribution, Motifs
from giaflow.config.experiments import AnyExperiment
from giaflow.config.jobs import MANY, Jobs
from giaflow.config.models import Model
from giaflow.config.names import Name
from giaflow.config.nulls import AnyNull
from giaflow.config.patterns import AnyPattern
from giaflow.config.sequences import SequenceSet
from giaflow.config.statistics import Calibration, Statistics
from giaflow.config.store import Store
from giaflow.config.tables import expanded
from giaflow.nulls.diagnostics import Settings as Diagnostics


def _copies(name, model):
    """The replicates of a model by name, or the model itself."""
    if model.replicates == 1:
        return {name: model}
    alone = model.model_copy(update={"replicates": 1, "group": name})
    return {f"{name}_{i + 1}": alone for i in range(model.replicates)}


_EXPERIMENT = TypeAdapter(AnyExperiment)


def _letters(patterns):
    """Letters by name of configured patterns."""
    return {name: one if isinstance(one, str) else one.letters for name, one in patterns.items()}


class Study(Settings):
    """A study: everything a run depends on."""

    study: Name
    """Name of the study, a column of every table."""
    seed: int = Field(0, ge=0)
    """The one seed; every random draw is derived from it and its own labels."""
    length: int = Field(ge=1, le=10_000_000)
    """Letters per sequence, the same for all sequences and models."""
    alphabet: Literal["ACGT", "ACGU"] = "ACGT"
    """Letters shown in figures: DNA or RNA."""
    sources: dict[str, File] = Field(default_factory=dict)
    """Name of a row of resources/sources.tsv to a local copy, used instead of a download."""
    sequences: dict[Name, SequenceSet] = Field(min_length=1)
    """Sequence sets by name."""
    models: dict[Name, Model] = Field(min_length=1)
    """Models by name."""
    attribution: Attribution | None = None
    """Attribution; null for none."""
    motifs: Motifs | None = None
    """Motif discovery; null for none."""
    nulls: dict[Name, AnyNull] = Field(min_length=1)
    """Null models by name."""
    patterns: dict[Name, AnyPattern] = Field(default_factory=dict)
    """Patterns by name: letters A, C, G, T (U), IUPAC letters of which one is drawn for each
    background, and N to keep the background's letter; or a matrix."""
    experiments: dict[Name, AnyExperiment]
    """Experiments by name."""
    statistics: Statistics = Field(default_factory=Statistics)
    """How effects are judged."""
    diagnostics: Diagnostics = Field(default_factory=Diagnostics)
    """Where a difference between backgrounds and real sequences is worth a warning."""
    calibration: Calibration | None = None
    """Repeat the experiments of laboratory models to prove their numbers; null for not."""
    published: File | list[File] | None = None
    """Table of published numbers and known answers that are set beside the study's own, in
    results/tables/published.tsv, or several; null for none."""
    _asked: dict = PrivateAttr(default_factory=dict)
    _find: object = PrivateAttr(None)

    @field_validator("models", mode="before")
    @classmethod
    def _tables_are_models(cls, models, info: ValidationInfo):
        context = info.context or {}
        read, find = context.get("rows"), context.get("find")
        if read is not None and find is not None:
            rows = read

            def read(table):
                return rows(find(table))

        return expanded(models, read) if read is not None and isinstance(models, dict) else models

    jobs: Jobs = Field(default_factory=Jobs)
    """How the study is cut into jobs; results do not depend on it."""
    store: Store | None = None
    """A store of expensive results that other studies and users share; null for none."""

    @field_validator("models")
    @classmethod
    def _replicates_are_models(cls, models):
        found = {}
        for name, model in models.items():
            copies = _copies(name, model)
            if twice := sorted(set(copies) & set(found)):
                raise ValueError(f"the replicates of {name!r} take the name of model {twice[0]!r}")
            found |= copies
        return found

    @field_validator("experiments")
    @classmethod
    def _rna_has_one_strand(cls, experiments, info):
        if info.data.get("alphabet") != "ACGU":
            return experiments
        return {
            name: entry.model_copy(
                update={"settings": entry.settings.model_copy(update={"complement": True})}
            )
            if getattr(entry.settings, "complement", True) is None
            else entry
            for name, entry in experiments.items()
        }

    @model_validator(mode="wrap")
    @classmethod
    def _keep_what_was_asked(cls, raw, handler, info: ValidationInfo):
        """Keep the experiments as written: with other patterns they are other experiments."""
        study = handler(raw)
        if isinstance(raw, dict):
            study._asked = raw.get("experiments", {})
            study._find = (info.context or {}).get("find")
        return study

    def experiment(self, name, model):
        """An experiment as it runs on a model, which may have patterns of its own."""
        entry, own = self.experiments[name], self.models[model].patterns
        if not own:
            return entry
        context = {"patterns": {**self.letters, **own}, "find": self._find}
        other = _EXPERIMENT.validate_python(self._asked[name], context=context)
        if getattr(entry.settings, "complement", None) is not None:
            # What was decided for the whole study.
            chosen = {"complement": entry.settings.complement}
            other = other.model_copy(update={"settings": other.settings.model_copy(update=chosen)})
        return other

    def runs_on(self, name):
        """Names of the models that an experiment runs on."""
        return [model for model in self.models if self.takes_part(name, model)]

    def takes_part(self, name, model):
        """Whether an experiment runs on a model."""
        return self._is_asked(model, self.experiments[name].models)

    def _is_asked(self, model, asked):
        """Whether a model is among those that are asked for by name, group or family."""
        chosen = self.models[model]
        return not asked or bool({model, chosen.group, chosen.family} & set(asked))

    @property
    def attributed(self):
        """Names of the models that are attributed."""
        asked = self.attribution.models if self.attribution else []
        return [model for model in self.models if self._is_asked(model, asked)]

    def nulls_of(self, name):
        """Names of the null models that an experiment runs on."""
        return self.experiments[name].nulls or list(self.nulls)

    @property
    def families(self):
        """Family name to the names of its models."""
        found = {}
        for name, model in self.models.items():
            if model.family is not None:
                found.setdefault(model.family, []).append(name)
        return found

    @property
    def coarse(self):
        """Whether one job does all experiments of a model on a null model."""
        if self.jobs.grain != "auto":
            return self.jobs.grain == "coarse"
        count = sum(len(self.runs_on(name)) * len(self.nulls_of(name)) for name in self.experiments)
        return self.calibration is None and count >= MANY

    @property
    def groups(self):
        """Group name to the names of its models."""
        found = {}
        for name, model in self.models.items():
            if model.group is not None:
                found.setdefault(model.group, []).append(name)
        return found

    @field_validator("patterns")
    @classmethod
    def _name_patterns(cls, patterns, info: ValidationInfo):
        """Tell the experiments, which are read later, what letters a name stands for."""
        if info.context is not None:
            info.context["patterns"] = _letters(patterns)
        return patterns

    @property
    def published_files(self):
        """The tables of published numbers."""
        return [self.published] if isinstance(self.published, str) else self.published or []

    @property
    def letters(self):
        """Pattern name to its letters: a text, or `Letters` with a matrix."""
        return _letters(self.patterns)

    def targets(self, model):
        """Target names of a model, or None if only its file knows them."""
        chosen = self.models[model]
        if chosen.train is not None and chosen.train.positives:
            return tuple(chosen.train.positives)
        if chosen.train is not None:
            learned = chosen.train.measured
            measured = self.sequences[learned.sequences].measured
            return tuple(learned.values) or validation.load(measured.laboratory).targets
        if chosen.laboratory is not None:
            return validation.load(chosen.laboratory).targets
        return None if chosen.output.targets is None else tuple(chosen.output.targets)
