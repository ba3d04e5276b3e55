"""Every mistake in a configuration: one sentence, with file, line, key and the nearest name."""

import copy
import re
from pathlib import Path

import pytest
import yaml

from giaflow.base.checks import InputError
from giaflow.config.checks import load_study
from giaflow.io.config_lines import locator

ROOT = Path(__file__).resolve().parents[3]
DEFAULT = ROOT / "config" / "config.yaml"
RAW = yaml.safe_load(DEFAULT.read_text())


def changed(path, value):
    """The default study with one key set (or removed, for ...)."""
    raw = copy.deepcopy(RAW)
    here = raw
    for step in path[:-1]:
        here = here[step]
    if value is ...:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return raw


def test_the_default_study_is_valid():
    study = load_study(RAW, sources=["janggu"])
    assert study.seed == 1 and study.targets("exponential_cnn") == ("Oct4", "MafK")


MISTAKES = [
    (("seeds",), 3, "seeds: unknown key 'seeds'; .*did you mean 'seed'?"),
    (("seed",), -1, "seed: .*greater than or equal to 0, got -1"),
    (("seed",), "1", "seed: .*valid integer, got '1'"),
    (("length",), ..., "length: the key 'length' is required"),
    (("study",), "../up", "'../up' is not a name"),
    (("nulls", "a b"), {"kind": "dinucleotide", "sequences": ["oct4"]}, "'a b' is not a name"),
    (("nulls", "dinucleotide", "kind"), "dinucleotid", "unknown kind 'dinucleotid'"),
    (("nulls", "dinucleotide", "sequences"), ["oct5"], "unknown sequence set 'oct5'.*'oct4'"),
    (("nulls", "dinucleotide", "n"), 1, "nulls.dinucleotide.n: .*greater than or equal to 2"),
    (("nulls", "dinucleotide", "n"), "atuo", "n: .*valid integer, got 'atuo'; or 'auto'$"),
    (("nulls", "dinucleotide", "most"), 800, "most is for n: auto"),
    (
        ("experiments", "patterns", "half_width"),
        0,
        "half_width: .*greater than 0; or 'auto'",
    ),
    (("statistics",), {"interval": "bcaa"}, "interval: .*'t', 'percentile_t' or 'bca', got 'bcaa'"),
    (("statistics",), {"test": "wilcoxon"}, "test: .*'t' or 'sign_flip', got 'wilcoxon'"),
    (("models", "exponential_cnn", "replicates"), 0, "replicates: .*greater than or equal to 1"),
    (("models", "exponential_cnn", "group"), "nets", "group 'nets' has one model; replicates are"),
    (
        ("models", "other"),
        {"path": "a.keras", "replicates": 2},
        "models.other: replicates is for a network that is trained here; give each model file",
    ),
    (
        ("models",),
        {
            "a_2": {"path": "a.keras"},
            "a": {**RAW["models"]["exponential_cnn"], "replicates": 2},
        },
        "models: the replicates of 'a' take the name of model 'a_2'",
    ),
    (("store",), {"folder": "results/store"}, "'results/store' lies in results/, which belongs to"),
    (("store",), {"folder": "../store", "max_gb": 0}, "max_gb: .*greater than 0"),
    (("store",), {"folder": "../store", "max_gb": float("inf")}, "max_gb: .*finite"),
    (("store",), {"path": "../store"}, "unknown key 'path'; known are folder, max_gb"),
    (("attribution", "method"), "ism", "unknown key 'method'; .*did you mean 'methods'?"),
    (("store",), {"max_gb": 3}, "store.folder: the key 'folder' is required"),
    (("nulls",), {}, "nulls: .*at least 1 item"),
    (("experiments", "gap_scan", "kind"), "spacin", "unknown kind 'spacin'.*mean 'spacing'"),
    (("experiments", "gap_scan", "kind"), ..., "kind: the key 'kind' is required"),
    (("experiments", "gap_scan", "settings", "gap"), [1], "unknown key 'gap';.*mean 'gaps'"),
    (("experiments", "gap_scan", "settings", "gaps"), [0, 0], "gaps must be all dif"),
    (("experiments", "gap_scan", "settings", "gaps"), [190], "start=197 needs positions 197..202"),
    (("experiments", "gap_scan", "settings", "first"), "TTX", "has the letter 'X'"),
    (("experiments", "gap_scan", "nulls"), ["dinuc"], "unknown null 'dinuc'.*'dinucleotide'"),
    (
        ("experiments", "patterns", "settings"),
        {"patterns": ["MARF"]},
        "unknown pattern 'MARF'.*MARE",
    ),
    (
        ("experiments", "x"),
        {"kind": "context", "settings": {"sequences": ["oct4"], "tiles": {"a": [190, 210]}}},
        "experiments.x: tile 'a' from 190 to 210 does not lie inside sequences of 200 letters",
    ),
    (
        ("experiments", "x"),
        {"kind": "context_search", "settings": {"sequences": ["oct4"], "draws": 251}},
        "experiments.x: 502 draws need at least 1004 backgrounds, but the null model has 1000",
    ),
    (
        ("experiments", "x"),
        {"kind": "context_search", "settings": {"sequences": ["oct4"], "target": "Oct5"}},
        "experiments.x.settings.target: unknown target 'Oct5'; .*did you mean 'Oct4'",
    ),
    (
        ("experiments", "x"),
        {"kind": "tiles", "nulls": ["nope"], "settings": {"sequences": ["oct4"]}},
        r"\A[^\n]*x.nulls.0: unknown null 'nope'; known are dinucleotide, markov\Z",
    ),
    (("attribution", "second_order_ism", "stop"), 201, "stop: the window 60 to 201 must hold"),
    (("attribution", "second_order_ism", "start"), 139, "must hold at least 2 of the 200 letters"),
    (
        ("attribution", "second_order_ism", "sequences"),
        {"oct5": 2},
        "unknown sequence set 'oct5'.*'oct4'",
    ),
    (("patterns", "MARE"), "A" * 201, "has 201 letters, but sequences have length 200"),
    (
        ("jobs",),
        {"experiment_shards": 0},
        r"\A[^\n]*experiment_shards: .*greater than or equal to 1, got 0\Z",
    ),
    (
        ("jobs",),
        {"experiment_shards": {"patterns": 2.5}},
        r"\A[^\n]*experiment_shards.patterns: [^\n]*integer[^\n]*, got 2.5\Z",
    ),
    (
        ("jobs",),
        {"experiment_shards": {"pattern": 3}},
        "experiment_shards.pattern: unknown experiment 'pattern'.*did you mean 'patterns'",
    ),
    (
        ("jobs",),
        {"experiment_shards": 3, "grain": "coarse"},
        "experiment_shards: coarse jobs hold whole experiments; allowed with shards: `grain: fine`",
    ),
    (("patterns", "MARE"), "TGXTGA", "patterns.MARE: pattern 'TGXTGA' has the letter 'X'"),
    (("attribution", "methods", 0, "method"), "ims", "unknown method 'ims'.*did you mean 'ism'"),
    (("attribution", "sequences"), {"oct": 5}, "unknown sequence set 'oct'.*did you mean 'oct4'"),
    (("motifs", "attribution"), "salience", "unknown attribution.*did you mean 'saliency'"),
    (("motifs", "sequences"), {"Oct": ["oct4"]}, "unknown target 'Oct'.*did you mean 'Oct4'"),
    (("sequences", "oct4", "source"), "jangu", "unknown source 'jangu'.*did you mean 'janggu'"),
    (("sequences", "x"), {"fasta": ["a.fa"], "planted": "MARE"}, "planted is for simulated seq"),
    (
        ("sequences", "x"),
        {"simulated": 5, "planted": "MARF"},
        "sequences.x.planted: unknown pattern 'MARF'.*did you mean 'MARE'",
    ),
    (("sequences", "x"), {"simulated": 5, "planted": "A" * 201}, "x.planted: .*has 201 letters"),
    (("attribution", "models"), ["exponential_cn"], "attribution.models.0: unknown model, group"),
    (("sequences", "oct4", "fasta"), ["a.fa"], "give either fasta, or source and members"),
    (
        ("models", "exponential_cnn", "path"),
        "a.keras",
        "give exactly one of path, source, train and laboratory",
    ),
    (("models", "x"), {"source": "janggu"}, "models.x: source and member go together"),
    (("models", "x"), {"path": "a.h5", "member": "a.h5"}, "source and member go together"),
    (
        ("models", "x"),
        {"source": "jangu", "member": "a/b.h5"},
        "models.x.source: unknown source 'jangu'.*did you mean 'janggu'",
    ),
    (
        ("models", "exponential_cnn", "train", "network", "architecture"),
        "exp_cnn",
        "architecture: .*exp_cnn",
    ),
    (("statistics", "controls", "Oct4"), "MAFE", "unknown pattern 'MAFE'.*did you mean 'MARE'"),
    *(
        (("nulls", "x"), {"sequences": ["oct4"], **null}, message)
        for null, message in (
            ({"kind": "gc_matched"}, "nulls.x.inputs: .*'gc_matched'.* needs inputs: genome"),
            ({"kind": "genomic"}, "needs inputs: fasta or genome and regions"),
            ({"kind": "genomic", "inputs": {"genome": "g.fa"}}, "needs inputs: fasta or genome"),
            (
                {"kind": "genomic", "settings": {"source": "low_activity"}},
                "nulls.x.inputs: .*needs inputs: values",
            ),
            ({"kind": "quantile"}, "needs inputs: values"),
            (
                {"kind": "quantile", "settings": {"by": "prediction"}},
                "needs inputs: model and target",
            ),
            (
                {
                    "kind": "quantile",
                    "settings": {"by": "prediction"},
                    "inputs": {"model": "exponential_cn", "target": "Oct4"},
                },
                "inputs.model: unknown model 'exponential_cn'",
            ),
            (
                {
                    "kind": "quantile",
                    "settings": {"by": "prediction"},
                    "inputs": {"model": "exponential_cnn", "target": "Oct5"},
                },
                "inputs.target: unknown target 'Oct5'.*did you mean 'Oct4'",
            ),
            (
                {"kind": "markov", "inputs": {"genome": "g.fa"}},
                "nulls.x.inputs.genome: null model kind 'markov' with these settings does not read",
            ),
            (
                {"kind": "gc_matched", "inputs": {"genome": "g.fa", "fasta": ["a.fa"]}},
                "nulls.x.inputs.fasta: .*does not read this key; it reads genome",
            ),
            ({"kind": "quantile", "inputs": {"values": {}}}, "values.file: the key 'file' is req"),
            ({"kind": "markov", "reference": ["oct5"]}, "reference.*unknown sequence set 'oct5'"),
            (
                {"kind": "markov", "options": {"purge": ["AX"]}},
                "options: letter 'X' of pattern 'AX'",
            ),
            ({"kind": "markov", "options": {"purge": ["A" * 201]}}, "has 201 letters, but"),
            ({"kind": "markov", "options": {"band": [0.1, 0.9]}}, "band needs inputs.target"),
            (
                {
                    "kind": "markov",
                    "n": 255,
                    "options": {"band": [0.1, 0.9]},
                    "inputs": {"target": "Oct4"},
                },
                "band needs n of at least 256",
            ),
            ({"kind": "markov", "options": {"bands": []}}, "unknown key 'bands';.*mean 'band'"),
            (
                {"kind": "markov", "settings": {"length": 199}},
                "x.settings: backgrounds of length=199 cannot take the place of .* 200 letters",
            ),
            (
                {"kind": "hairpin", "settings": {"start": 180}},
                "x.settings: a hairpin of 25 letters at start=180 .* allowed starts are 0..175",
            ),
            (
                {
                    "kind": "hairpin",
                    "settings": {"base": "markov", "base_settings": {"length": 40}},
                },
                "x.settings: backgrounds of length=40 cannot take the place",
            ),
        )
    ),
    (("diagnostics",), {"jsd_warm": 1.0}, "unknown key 'jsd_warm';.*mean 'jsd_warn'"),
    (("statistics", "fold"), 1.0, "statistics.fold: .*greater than 1, got 1.0"),
    (("statistics", "confidence"), 95, "confidence: .*less than 1, got 95"),
]


@pytest.mark.parametrize(("path", "value", "message"), MISTAKES, ids=lambda v: str(v)[:40])
def test_a_mistake_is_one_sentence_with_its_place(path, value, message):
    with pytest.raises(InputError, match=message) as caught:
        load_study(changed(path, value), locator([str(DEFAULT)]), sources=["janggu"])
    first, *_ = str(caught.value).splitlines()
    assert first.startswith(str(DEFAULT)) or value is ...
    assert "Traceback" not in first


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"kind": "global_importance", "half_width": 0.1},
            "experiment_shards.x: 'x' cannot be cut: `half_width` looks at all backgrounds",
        ),
        (
            {"kind": "context_search", "settings": {"sequences": ["oct4"]}},
            "experiment_shards.x: 'x' cannot be cut: its search looks at all backgrounds",
        ),
    ],
)
def test_an_experiment_that_cannot_be_cut_is_named(entry, message):
    raw = changed(("experiments", "x"), entry)
    with pytest.raises(InputError, match=message):
        load_study({**raw, "jobs": {"experiment_shards": {"x": 2}}}, sources=["janggu"])
    # One number for all cuts what can be cut.
    for asked in ({"x": 1, "patterns": 4}, 3):
        study = load_study({**raw, "jobs": {"experiment_shards": asked}}, sources=["janggu"])
        assert study.jobs.shards("patterns") == (asked if asked == 3 else 4)


@pytest.mark.parametrize(
    "null",
    [
        {"kind": "gc_matched", "inputs": {"genome": "g.fa"}},
        {"kind": "gc_matched", "inputs": {"genome": "g.fa", "avoid": ["a.bed"]}},
        {"kind": "genomic", "inputs": {"fasta": ["a.fa"]}},
        {"kind": "genomic", "inputs": {"genome": "g.fa", "regions": ["a.bed"]}},
        {
            "kind": "genomic",
            "settings": {"source": "low_activity"},
            "inputs": {"values": {"file": "v.tsv"}},
        },
        {"kind": "quantile", "inputs": {"values": {"file": "v.tsv", "value": "score"}}},
        {
            "kind": "quantile",
            "settings": {"by": "prediction"},
            "inputs": {"model": "exponential_cnn", "target": "Oct4"},
        },
        {"kind": "uniform", "options": {"band": [0, 0.5]}, "inputs": {"target": "Oct4"}},
    ],
)
def test_a_null_model_with_what_its_kind_needs_is_valid(null):
    raw = changed(("nulls", "x"), {"sequences": ["oct4"], **null})
    assert load_study(raw, sources=["janggu"]).nulls["x"].kind == null["kind"]


READ = {"functional": "wn", "settings": {"profile": "p"}}
SUMMIT = {"profile": "p", "counts": "c"}


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"a": {**READ, "functional": "wm"}}, "a.functional: unknown functional 'wm'; .*'wn'"),
        ({"a": {**READ, "settings": {"profil": "p"}}}, "unknown key 'profil'; .*'profile'"),
        ({"a": "x"}, "targets.a: .*valid integer, got 'x'"),
        ({"a": READ, "b": 1}, "target 'b' is a column and others are functionals: write it as"),
        (
            {"a": READ, "b": {"functional": "log_counts", "settings": {"counts": "c"}}},
            r"share one unit, .* profile logit \(a\), log counts \(b\): name the file once more",
        ),
        (
            {"a": {"functional": "counts_at_summit", "settings": {**SUMMIT, "pattern": "Nanogg"}}},
            "settings.pattern: unknown pattern 'Nanogg'",
        ),
        (
            {"a": {"functional": "counts_at_summit", "settings": SUMMIT}},
            "needs either positions or the pattern",
        ),
        (
            {"a": {"functional": "window_counts", "settings": {**SUMMIT, "window": [9, 3]}}},
            r"window must be a first position and a later stop, got \[9, 3\]",
        ),
    ],
)
def test_a_functional_that_cannot_be_is_one_sentence(targets, message):
    raw = changed(("models", "mine"), {"path": "m.keras", "output": {"targets": targets}})
    with pytest.raises(InputError, match=message) as caught:
        load_study(raw, sources=["janggu"])
    assert len(str(caught.value).splitlines()) <= 2


def test_functionals_bring_their_unit_and_name_the_targets():
    raw = changed(("models", "mine"), {"path": "m.keras", "output": {"targets": {"a": READ}}})
    study = load_study(raw, sources=["janggu"])
    assert study.models["mine"].output.read_unit == "profile logit"
    assert study.targets("mine") == ("a",)
    plain = {"path": "m.keras", "output": {"targets": {"a": 3}, "unit": "logit"}}
    output = (
        load_study(changed(("models", "mine"), plain), sources=["janggu"]).models["mine"].output
    )
    assert output.read_unit == "logit" and output.functionals == {} and output.targets == {"a": 3}


def test_the_bpnet_study_is_valid():
    raw = yaml.safe_load((ROOT / "config" / "studies" / "bpnet.yaml").read_text())
    study = load_study(raw)
    assert study.models["BPNet"].output.read_unit == "counts" and len(study.patterns) == 11


def test_a_key_that_yaml_reads_as_false_is_told():
    raw = changed(("experiments", "gap_scan", "settings", False), 3)
    with pytest.raises(
        InputError, match=r"gap_scan\.settings: a key must be a word, got False; YAML"
    ):
        load_study(raw)


def test_no_setting_has_a_name_that_yaml_reads_otherwise():
    schema = (Path(__file__).parents[3] / "config" / "schema.json").read_text()
    named = {key for key in re.findall(r'"([^"]+)": \{', schema)}
    assert {"aside", "offset"} <= named
    assert not {key for key in named if not isinstance(yaml.safe_load(key), str)}


def test_all_mistakes_are_told_at_once():
    raw = changed(("seeds",), 1) | {"length": "long"}
    with pytest.raises(InputError) as caught:
        load_study(raw)
    assert len(str(caught.value).splitlines()) == 2


class TestLocator:
    def write(self, tmp_path, text):
        path = tmp_path / "c.yaml"
        path.write_text(text)
        return str(path)

    def test_lines_of_keys_items_and_the_nearest_parent(self, tmp_path):
        path = self.write(tmp_path, "a:\n  b: [1,\n     2]\n  c: {d: 3}\n")
        locate = locator([path])
        assert locate(("a", "b", 1)) == f"{path}:3"
        assert locate(("a", "c", "d")) == f"{path}:4"
        assert locate(("a", "x", "y")) == f"{path}:1"
        assert locate(("z",)) == path

    def test_a_key_given_twice_is_refused(self, tmp_path):
        path = self.write(tmp_path, "seed: 1\nlength: 5\nseed: 2\n")
        with pytest.raises(
            InputError, match=r"c\.yaml:3: the key 'seed' is given twice, first on line 1"
        ):
            locator([path])

    def test_broken_yaml_is_placed(self, tmp_path):
        path = self.write(tmp_path, "a: [1, 2\nb: 3\n")
        with pytest.raises(InputError, match=r"c\.yaml:2:\d+: not YAML"):
            locator([path])

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"none\.yaml is not there"):
            locator([str(tmp_path / "none.yaml")])


def test_replicates_become_models_of_a_group():
    study = load_study(changed(("models", "exponential_cnn", "replicates"), 3), sources=["janggu"])
    names = [f"exponential_cnn_{i}" for i in (1, 2, 3)]
    assert list(study.models) == names and study.groups == {"exponential_cnn": names}
    assert study.targets(names[2]) == ("Oct4", "MafK")
    assert load_study(RAW, sources=["janggu"]).groups == {}


def test_files_of_one_network_form_a_group():
    raw = changed(("models",), {k: {"path": f"{k}.keras", "group": "folds"} for k in "abc"})
    raw["motifs"] = None
    assert load_study(raw, sources=["janggu"]).groups == {"folds": ["a", "b", "c"]}


def test_automatic_backgrounds_are_drawn_up_to_a_cap():
    raw = changed(("nulls", "dinucleotide", "n"), "auto")
    assert load_study(raw, sources=["janggu"]).nulls["dinucleotide"].count == 3200
    raw["nulls"]["dinucleotide"]["most"] = 500
    nulls = load_study(raw, sources=["janggu"]).nulls
    assert (nulls["dinucleotide"].count, nulls["markov"].count) == (500, 1000)


@pytest.mark.parametrize(("alphabet", "expected"), [("ACGT", None), ("ACGU", True)])
def test_rna_has_its_reverse_complement_as_a_control(alphabet, expected):
    study = load_study(changed(("alphabet",), alphabet), sources=["janggu"])
    assert study.experiments["patterns"].settings.complement is expected


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        (("nulls", "dinucleotide", "n"), {}, r"dinucleotide\.n: .*integer"),
        (("nulls", "dinucleotide", "n"), 10**20, r"n: 100000000000000000000 is too large; at most"),
        (("length",), 10**12, r"length: 1000000000000 is too large; at most 1,000,000,000"),
        (("length",), "1e11", r"length: .*got '1e11': YAML reads that as text; write it in full"),
        (("study",), 2023, r"study: .*got 2023; put it in quotes"),
    ],
)
def test_numbers_that_are_none_or_too_large(path, change, message):
    with pytest.raises(InputError, match=message):
        load_study(changed(path, change))


def test_names_that_differ_only_in_case_are_refused():
    null = RAW["nulls"]["dinucleotide"]
    with pytest.raises(
        InputError, match=r"nulls\.Dinucleotide: 'dinucleotide' and 'Dinucleotide' d"
    ):
        load_study({**RAW, "nulls": {**RAW["nulls"], "Dinucleotide": null}})
