"""The whole configuration as pydantic models: the one source of keys, types and defaults."""

from typing import Annotated, Literal, Union

from pydantic import (
    Discriminator,
    Field,
    PrivateAttr,
    StringConstraints,
    Tag,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from giaflow import architectures, attribution, experiments, laboratory, nulls
from giaflow.diagnostics import Settings as Diagnostics
from giaflow.laboratory.settings import Repeats
from giaflow.letters import Letters
from giaflow.nulls.options import PILOT, Options
from giaflow.patterns import consensus, trim_information
from giaflow.settings import Settings
from giaflow.training import Schedule

# Names become parts of paths: nothing that could leave the results folder or confuse a shell.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


def one_of(registry, key, base):
    """The union of a registry's plug-ins: `base` plus ``<key>: <name>`` and its ``settings``."""
    members = []
    for name in registry.names:
        settings = registry.load(name).Settings
        required = any(field.is_required() for field in settings.model_fields.values())
        default = ... if required else Field(default_factory=settings)
        members.append(
            create_model(
                f"{registry.package.rpartition('.')[2]}.{name}",
                __base__=base,
                # These have no docstrings of their own, for which pydantic would search long.
                __cls_kwargs__={"use_attribute_docstrings": False},
                **{key: (Literal[name], ...), "settings": (settings, default)},
            )
        )
    if len(members) == 1:
        return members[0]
    return Annotated[Union[tuple(members)], Field(discriminator=key)]  # noqa: UP007


class Measurement(Settings):
    """What a laboratory model measures of simulated sequences."""

    laboratory: str
    """The laboratory model; its motifs are planted in half of the sequences, 0 to 3 in each."""
    noise: float = Field(0.2, ge=0)
    """Standard deviation of the noise, as a share of that of the values without it."""


class SequenceSet(Settings):
    """One set of sequences, from FASTA files or drawn at random."""

    fasta: list[str] = Field(default_factory=list)
    """FASTA files, plain or compressed; or use `source` and `members`."""
    source: str | None = None
    """Name of a row of resources/sources.tsv that is downloaded."""
    members: list[str] = Field(default_factory=list)
    """FASTA files inside the source."""
    simulated: int | None = Field(None, ge=2)
    """Draw so many random sequences instead, with letter probabilities that differ by position."""
    measured: Measurement | None = None
    """Plant motifs in the simulated sequences and measure them, to train a network on."""
    ambiguous: Literal["drop", "keep", "error"] = "drop"
    """What happens to a sequence with a letter outside A, C, G, T, U."""

    @model_validator(mode="after")
    def _one_origin(self):
        origins = (bool(self.fasta), bool(self.source), self.simulated is not None)
        if sum(origins) != 1 or bool(self.source) != bool(self.members):
            raise ValueError("give either fasta, or source and members, or simulated")
        if self.measured and self.simulated is None:
            raise ValueError("measured is for simulated sequences")
        return self


AnyNetwork = one_of(architectures.REGISTRY, "architecture", Settings)
AnyMethod = one_of(attribution.REGISTRY, "method", Settings)


class Values(Settings):
    """Measured values, by sequence name."""

    file: str
    """A tab-separated table with a header line, plain or compressed with gzip."""
    name: str = "name"
    """Column of the names, as in the FASTA files."""
    value: str = "value"
    """Column of the values; where they only rank sequences, their order alone matters."""


class Regression(Settings):
    """Measured values that a network learns."""

    sequences: str
    """Sequence set to learn from."""
    test: str
    """Sequence set that is held out to measure Pearson's r."""
    values: dict[Name, Values] = Field(default_factory=dict)
    """Target to its values; a sequence without a value says nothing about that target. Left out
    for sets with `measured`."""


class Training(Settings):
    """How a network is trained here."""

    positives: dict[Name, str] = Field(default_factory=dict)
    """Target to the sequence set that is positive for it, learned against shuffles; the order is
    that of the outputs, which are logits."""
    measured: Regression | None = None
    """Learn measured values instead, in their own unit."""
    network: AnyNetwork
    """The architecture and its settings."""
    test_chromosomes: list[str] = Field(default_factory=list)
    """Sequences on these chromosomes are held out to measure the AUC (with `positives`)."""
    schedule: Schedule = Field(default_factory=Schedule)
    """Epochs, batches and learning rate."""

    @model_validator(mode="after")
    def _one_kind(self):
        if bool(self.positives) == bool(self.measured):
            raise ValueError("give either positives, with test_chromosomes, or measured")
        if bool(self.positives) != bool(self.test_chromosomes):
            raise ValueError("positives need test_chromosomes, and measured takes none")
        return self


class Output(Settings):
    """Which numbers of a model are read."""

    head: str | None = None
    """Name of the output; null if the model has one."""
    targets: dict[Name, int] | None = None
    """Target name to column of the output; null names every column target_<column>."""
    unit: str = "model units"
    """Unit of the predictions, shown on every axis."""


class Model(Settings):
    """A model to interpret: a file, a network trained here, or a formula with known effects."""

    path: str | None = None
    """A Keras model file (.keras or .h5) that takes one-hot sequences (length, 4)."""
    train: Training | None = None
    """Train a network instead; its targets are the keys of `positives` or of the values."""
    laboratory: str | None = None
    """Use a laboratory model, whose true effects are known: LabR, LabD, ... (41 or 200 letters)."""
    output: Output = Field(default_factory=Output)
    """Which numbers of a model file are read."""
    batch: int = Field(256, ge=1)
    """Sequences per prediction call."""
    replicates: int = Field(1, ge=1, le=20)
    """Train the network so many times, with other weights, shuffles and batches each time: `name`
    becomes `name_1`, `name_2`, ... in the group `name`."""
    group: Name | None = None
    """Models that name the same group are replicates of one network (seeds, folds, files): their
    mean and its interval over models are in results/tables/replicates.tsv."""

    @model_validator(mode="after")
    def _trained_here(self):
        if self.replicates > 1 and self.train is None:
            raise ValueError(
                "replicates is for a network that is trained here; give each model file a name of "
                "its own and all of them one group"
            )
        if self.replicates > 1 and self.group is not None:
            raise ValueError("give replicates or a group, not both: replicates are a group")
        return self

    @model_validator(mode="after")
    def _one_origin(self):
        if sum(origin is not None for origin in (self.path, self.train, self.laboratory)) != 1:
            raise ValueError("give exactly one of path, train and laboratory")
        if self.laboratory is not None and "output" in self.model_fields_set:
            raise ValueError("output is for a model file; a laboratory model has its own targets")
        return self


class SecondOrder(Settings):
    """Second-order in silico mutagenesis: pairs of positions that do not simply add up."""

    sequences: dict[Name, Annotated[int, Field(ge=1)]] = Field(min_length=1)
    """Sequence set to the number of sequences drawn from it at random; each costs 9 W (W - 1) / 2
    predictions for a window of W positions, and as much for each shuffle."""
    start: int = Field(0, ge=0)
    """First position of the window."""
    stop: int | None = Field(None, ge=2)
    """Position after the window; null is the end of the sequence."""
    shuffles: int = Field(5, ge=0)
    """Dinucleotide shuffles per sequence that pairs are held against; 0 gives no p-values."""
    top: int = Field(50, ge=1)
    """Strongest pairs listed per sequence and target."""


class Attribution(Settings):
    """Per-letter scores of real sequences."""

    sequences: dict[Name, Annotated[int, Field(ge=1)]]
    """Sequence set to the number of sequences drawn from it at random."""
    methods: list[AnyMethod]
    """Attribution methods and their settings."""
    second_order_ism: SecondOrder | None = None
    """Maps of pairs of positions; null for none."""


class Motifs(Settings):
    """Motif discovery with TF-MoDISco."""

    attribution: str = "ism"
    """The attribution method whose scores are read."""
    sequences: dict[Name, list[str]]
    """Target to the attributed sequence sets in which its motifs are sought."""
    width: int = Field(8, ge=4, le=30)
    """Expected width of a motif core, in letters; sets the window and flank sizes."""
    seqlets: int = Field(20000, ge=100)
    """At most this many seqlets."""
    trim: float = Field(0.2, gt=0, lt=1)
    """A pattern is cut to the positions with this share of its strongest contribution."""
    instances: Literal["consensus", "sampled"] = "consensus"
    """How a discovered pattern is embedded: its most frequent letters, or letters drawn from its
    matrix for each background."""


class Inputs(Settings):
    """Files and predictions that some kinds of null model need; the others take none."""

    genome: str | None = None
    """Genome FASTA, plain or compressed (kind gc_matched; kind genomic with `regions`)."""
    avoid: list[str] = Field(default_factory=list)
    """BED files whose intervals no window of the genome may touch (kind gc_matched)."""
    fasta: list[str] = Field(default_factory=list)
    """FASTA files of real sequences of the study's length (kind genomic)."""
    regions: list[str] = Field(default_factory=list)
    """BED files of regions of the genome, each cut or widened about its centre to the study's
    length (kind genomic)."""
    values: Values | None = None
    """Measured values of the null's sequences (kind quantile; kind genomic, source
    low_activity)."""
    model: str | None = None
    """Model whose predictions order the sequences (kind quantile, by prediction)."""
    target: str | None = None
    """Target whose predictions are read (kind quantile, by prediction; any kind with
    `options.band`)."""


class Null(Settings):
    """A null model: where backgrounds come from."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets that the backgrounds imitate."""
    n: Annotated[int, Field(ge=2)] | Literal["auto"] = 1000
    """Number of backgrounds; with `options.band`, how many are drawn before the band is applied.
    auto draws `most`, of which each experiment uses 200, 400, 800, ... until its `half_width` is
    reached (`auto` unless it has one of its own)."""
    most: int = Field(3200, ge=200)
    """With `n: auto`: at most this many backgrounds."""
    options: Options = Field(default_factory=Options)
    """What is asked of the backgrounds of any null model."""
    inputs: Inputs = Field(default_factory=Inputs)
    """Files and predictions that some kinds need."""
    reference: list[str] = Field(default_factory=list)
    """Sequence sets that the diagnostics compare the backgrounds with, best those of the class
    they stand for, such as negatives; empty means `sequences`."""

    @model_validator(mode="after")
    def _band_has_its_target_and_pilot(self):
        if self.options.band and self.inputs.target is None:
            raise ValueError("options.band needs inputs.target, whose predictions it bounds")
        if self.options.band and self.count < PILOT:
            raise ValueError(f"options.band needs n of at least {PILOT} to find its limits")
        if "most" in self.model_fields_set and self.n != "auto":
            raise ValueError("most is for n: auto")
        return self

    @property
    def count(self):
        """How many backgrounds are drawn."""
        return self.most if self.n == "auto" else self.n


class MatrixPattern(Settings):
    """A pattern from a matrix: of JASPAR, or of a file."""

    jaspar: str | None = None
    """JASPAR matrix ID, such as MA0142.1; without a version the latest. No network is needed: the
    releases come with the package pyjaspar."""
    release: str | None = None
    """JASPAR release, such as JASPAR2024; null for the newest that the package holds."""
    file: str | None = None
    """Motif file instead: MEME, JASPAR or TRANSFAC, or a plain table of four rows (A, C, G, T) or
    of a row for each position."""
    name: str | None = None
    """Name of the motif in the file; not needed if it holds one."""
    instances: Literal["consensus", "sampled"] = "consensus"
    """Embed the most frequent letters, in every background the same, or letters drawn from the
    matrix for each background."""
    trim: float = Field(0, ge=0, lt=2)
    """Cut both ends back to the first position with so many bits of information; 0 keeps all."""
    _letters: str | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _read(self, info: ValidationInfo):
        if (self.jaspar is None) == (self.file is None):
            raise ValueError("give either jaspar or file")
        if (self.release and self.file) or (self.name and self.jaspar):
            raise ValueError("release goes with jaspar, and name with file")
        read = (info.context or {}).get("read")
        if read is not None:
            matrix = read(self.jaspar, self.release, self.file, self.name)
            matrix = trim_information(matrix, self.trim)
            text = consensus(matrix)
            self._letters = Letters(text, matrix) if self.instances == "sampled" else text
        return self

    @property
    def letters(self):
        """Its consensus, with the matrix if instances are sampled; None if it was not read."""
        return self._letters


AnyPattern = Annotated[
    Annotated[str, Tag("text")] | Annotated[MatrixPattern, Tag("matrix")],
    Discriminator(lambda value: "text" if isinstance(value, str) else "matrix"),
]


class Experiment(Settings):
    """An experiment on backgrounds."""

    nulls: list[str] = Field(default_factory=list)
    """Null models it runs on; empty means all."""
    correction: Literal["bh", "by", "holm"] = "bh"
    """How q is computed over the rows of one estimand: false discovery rate (Benjamini-Hochberg,
    or Benjamini-Yekutieli under any dependence) or family-wise (Holm, for a few planned rows)."""
    half_width: Annotated[float, Field(gt=0)] | Literal["auto"] | None = None
    """Stop at 200, 400, 800, ... backgrounds as soon as every effect and contrast is known to this
    half-width of its interval, in the model's unit; null predicts all backgrounds. auto is half of
    `statistics.sesoi`, or a twentieth of the standard deviation of predictions on real sequences.
    Rows that are not known so well when backgrounds run out are flagged `capped`."""


AnyNull = one_of(nulls.REGISTRY, "kind", Null)
AnyExperiment = one_of(experiments.REGISTRY, "kind", Experiment)


class Calibration(Repeats):
    """How estimates on laboratory models are held against their known truths."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets whose letter frequencies by position the backgrounds have."""
    repeat: bool = True
    """Whether the experiments of laboratory models are repeated; the study's own tables are held
    against the truth in any case."""
    marks: bool = False
    """Whether the marks declared for LabR and LabD are measured too: power, screens, periods, ...
    (minutes)."""


class Statistics(Settings):
    """How effects are judged."""

    confidence: float = Field(0.95, gt=0.5, lt=1)
    """Confidence of every interval."""
    sesoi: dict[Name, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Target to the smallest effect of interest, in the model's unit; a target that is not named
    gets 5 % of its control's effect if it has one under `controls`, else a tenth of the standard
    deviation of its predictions on real sequences."""
    controls: dict[Name, str] = Field(default_factory=dict)
    """Target to the pattern that is its positive control, the 100 % mark of `control_pct`, as an
    experiment of kind global_importance embeds it; for a target that is not named the strongest
    pattern or word takes its place, chosen on one half of the backgrounds and measured on the
    other."""
    interval: Literal["t", "percentile_t", "bca"] = "t"
    """Intervals of mean effects: Student's t, or bootstrapped: percentile-t, or BCa, which also
    serves ratios (else Fieller's). Bands and `half_width` are t."""
    test: Literal["t", "sign_flip"] = "t"
    """Test of "the mean effect is zero". No rank test is offered: Wilcoxon's asks for symmetry, and
    rejects a skewed effect of mean zero."""
    fold: float = Field(2.0, gt=1)
    """An effect that changes more than this many fold between null models, or changes its sign, is
    flagged `null-dependent`."""


def _copies(name, model):
    """The replicates of a model by name, or the model itself."""
    if model.replicates == 1:
        return {name: model}
    alone = model.model_copy(update={"replicates": 1, "group": name})
    return {f"{name}_{i + 1}": alone for i in range(model.replicates)}


def _letters(patterns):
    """Letters by name of configured patterns."""
    return {name: one if isinstance(one, str) else one.letters for name, one in patterns.items()}


class Study(Settings):
    """A study: everything a run depends on."""

    study: Name
    """Name of the study, a column of every table."""
    seed: int = Field(0, ge=0)
    """The one seed; every random draw is derived from it and its own labels."""
    length: int = Field(ge=1)
    """Letters per sequence, the same for all sequences and models."""
    alphabet: Literal["ACGT", "ACGU"] = "ACGT"
    """Letters shown in figures: DNA or RNA."""
    sources: dict[str, str] = Field(default_factory=dict)
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
    def letters(self):
        """Pattern name to its letters: a text, or `giaflow.letters.Letters` with a matrix."""
        return _letters(self.patterns)

    def targets(self, model):
        """Target names of a model, or None if only its file knows them."""
        chosen = self.models[model]
        if chosen.train is not None and chosen.train.positives:
            return tuple(chosen.train.positives)
        if chosen.train is not None:
            learned = chosen.train.measured
            measured = self.sequences[learned.sequences].measured
            return tuple(learned.values) or laboratory.load(measured.laboratory).targets
        if chosen.laboratory is not None:
            return laboratory.load(chosen.laboratory).targets
        return None if chosen.output.targets is None else tuple(chosen.output.targets)
