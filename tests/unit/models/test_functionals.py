"""Functionals against their formulas, and a network with several heads read by them everywhere."""

import logging

import numpy as np
import pytest
import scipy

from giaflow.base.alphabet import encode, one_hot
from giaflow.base.checks import InputError
from giaflow.models import functionals
from giaflow.models.functionals import check_heads, readings
from giaflow.models.plan.plan import from_arrays
from giaflow.models.planned_model import PlannedModel, checked_plan, make_plan
from giaflow.models.readers.keras_network import KerasModel, ask_heads

keras = pytest.importorskip("keras")
N, L, STRANDS, LABELS = 7, 29, 2, 5
TARGETS = {
    "column": {"functional": "column", "settings": {"head": "tf_counts", "column": 1}},
    "mean": {"functional": "position", "settings": {"head": "tf_profile", "window": [0, L]}},
    "middle": {"functional": "position", "settings": {"head": "tf_profile", "column": 1}},
    "third": {"functional": "position", "settings": {"head": "tf_profile", "position": 3}},
    "peak": {
        "functional": "position",
        "settings": {"head": "tf_profile", "window": [5, 19], "reduce": "max"},
    },
    "logit": {"functional": "logit", "settings": {"head": "labels", "column": 3}},
    "log": {"functional": "log_counts", "settings": {"counts": "tf_counts"}},
    "summit": {
        "functional": "counts_at_summit",
        "settings": {"profile": "tf_profile", "counts": "tf_counts", "positions": [4, 17]},
    },
    "window": {
        "functional": "window_counts",
        "settings": {"profile": "tf_profile", "counts": "tf_counts", "window": [3, 11]},
    },
    "kl": {"functional": "profile_distance", "settings": {"profile": "tf_profile"}},
    "pearson": {
        "functional": "profile_distance",
        "settings": {"profile": "tf_profile", "distance": "pearson"},
    },
    "wn": {"functional": "wn", "settings": {"profile": "tf_profile"}},
}


@pytest.fixture
def heads(rng):
    return {
        "tf_profile": rng.normal(size=(N, L, STRANDS)).astype(np.float32),
        "tf_counts": rng.uniform(0, 3, (N, STRANDS)).astype(np.float32),
        "labels": rng.dirichlet(np.ones(LABELS), N).astype(np.float32),
    }


@pytest.fixture
def values(heads):
    """What each target of `TARGETS` reads of the heads; the backgrounds are uniform themselves."""

    def ask(codes):
        return {"tf_profile": np.zeros((len(codes), L, STRANDS), np.float32)}

    listed = [one.prepared(ask, L, np.random.default_rng(0)) for one in readings(TARGETS)]
    return {one.name: one.read(np, heads) for one in listed}


def test_functionals_are_their_formulas(heads, values):
    p, counts = scipy.special.softmax(heads["tf_profile"], axis=1), np.exp(heads["tf_counts"]) - 1
    assert values["column"] == pytest.approx(heads["tf_counts"][:, 1])
    assert values["mean"] == pytest.approx(heads["tf_profile"][:, :, 0].mean(axis=1), abs=1e-6)
    assert (values["middle"] == heads["tf_profile"][:, L // 2, 1]).all()
    assert (values["third"] == heads["tf_profile"][:, 3, 0]).all()
    assert (values["peak"] == heads["tf_profile"][:, 5:19, 0].max(axis=1)).all()
    assert values["logit"] == pytest.approx(scipy.special.logit(heads["labels"][:, 3]), rel=1e-4)
    assert values["log"] == pytest.approx(heads["tf_counts"].mean(axis=1))
    summit = p[:, 4, 0] * counts[:, 0] + p[:, 17, 1] * counts[:, 1]
    assert values["summit"] == pytest.approx(summit, rel=1e-5)
    assert values["window"] == pytest.approx((p[:, 3:11].sum(axis=1) * counts).sum(1), rel=1e-5)
    flat = np.full((L, 1), 1 / L)
    both = [[scipy.stats.entropy(q, r) for r, q in ((flat, p[n]), (p[n], flat))] for n in range(N)]
    assert values["kl"] == pytest.approx(np.mean(both, axis=(1, 2)), rel=1e-4)
    assert values["wn"] == pytest.approx((p * heads["tf_profile"]).sum(1).mean(1), rel=1e-5)


def test_a_distance_is_nothing_from_itself_and_pearson_s_from_another(heads):
    for distance in ("kl", "pearson"):
        one = functionals.REGISTRY.load("profile_distance")
        p = scipy.special.softmax(heads["tf_profile"][:1].astype(float), axis=1)
        settings = one.Settings(profile="tf_profile", distance=distance, reference=p[0].tolist())
        found = one.read(np, heads, settings)
        assert found[0] == pytest.approx(0, abs=1e-6) and (found[1:] > 0.1).all()
    q = scipy.special.softmax(heads["tf_profile"][3], axis=0)
    r = [np.corrcoef(p[0, :, s], q[:, s])[0, 1] for s in range(STRANDS)]
    assert found[3] == pytest.approx(1 - np.mean(r), abs=1e-5)


def test_the_counts_of_all_positions_are_the_counts(heads):
    one = functionals.REGISTRY.load("window_counts")
    settings = one.Settings(profile="tf_profile", counts="tf_counts", window=[0, L])
    expected = (np.exp(heads["tf_counts"]) - 1).sum(axis=1)
    assert one.read(np, heads, settings) == pytest.approx(expected, rel=1e-5)


MOTIF = "GACTC"


def counter(codes, motif, shift):
    """Profile logits that peak `shift` letters after a motif's start, by strand, and counts."""
    found = np.zeros((len(codes), L, STRANDS), np.float32)
    for strand, word in enumerate(motif):
        hits = np.ones((len(codes), L - len(word) + 1), bool)
        for k, code in enumerate(encode(word)):
            hits &= codes[:, k : k + hits.shape[1]] == code
        rows, at = np.nonzero(hits)
        found[rows, np.clip(at + shift[strand], 0, L - 1), strand] += 5
    return {"p": found, "c": np.ones((len(codes), STRANDS), np.float32)}


def test_the_summit_is_where_the_pattern_s_mean_profile_is_highest():
    """Strand 0 sees the motif as written, strand 1 its reverse complement."""

    def ask(codes):
        return counter(codes, (MOTIF, "GAGTC"), (3, -2))

    one = functionals.REGISTRY.load("counts_at_summit")
    start = 14 - 2
    for reverse, strand, position in ((False, 0, start + 3), (True, 1, start - 2)):
        settings = one.Settings(
            profile="p", counts="c", pattern=MOTIF, reverse=reverse, within=[5, 24]
        )
        found = one.prepare(settings, ask, L, np.random.default_rng(0))
        assert found.positions[strand] == position
        assert one.prepare(found, None, L, None) is found
        assert 5 <= found.positions[1 - strand] < 24


def test_a_second_summit_as_high_is_told(caplog):
    """Chance would choose between them."""

    def ask(codes):
        found = np.zeros((len(codes), L, STRANDS), np.float32)
        found[:, [9, 14], 0], found[:, 12, 1], found[:, 20, 1] = 5, 5, 2
        return {"p": found, "c": np.ones((len(codes), STRANDS), np.float32)}

    one = functionals.REGISTRY.load("counts_at_summit")
    settings = one.Settings(profile="p", counts="c", pattern=MOTIF, backgrounds=3)
    found = one.prepare(settings, ask, L, np.random.default_rng(0))
    assert found.positions == [9, 12]
    assert "strand 0 has summits at 9" in caplog.text and "strand 1" not in caplog.text


def test_what_does_not_fit_the_heads_is_one_sentence():
    shapes = {"tf_profile": (L, STRANDS), "tf_counts": (STRANDS,), "labels": (LABELS,)}
    check_heads(readings(TARGETS), shapes)
    for name, key, value, words in (
        ("summit", "profile", "tf_profil", "unknown model output of target 'summit'"),
        ("summit", "profile", "tf_counts", r"reads output 'tf_counts' by position, but it has"),
        ("summit", "counts", "labels", r"has axes \(5,\) per sequence, but the profile"),
        ("summit", "positions", [4, 29], r"positions \[4, 29\] must be one for each of 2 strands"),
        ("window", "window", [3, 30], r"window \[3, 30\] ends beyond output 'tf_profile'"),
        ("column", "column", 2, r"column 2 is not in output 'tf_counts', which has columns 0\.\.1"),
        ("column", "head", "tf_profile", r"has axes \(29, 2\) .* functional: position reads"),
        ("logit", "head", "tf_profile", r"has axes \(29, 2\) .* functional: position reads"),
        ("third", "head", "labels", r"reads output 'labels' by position, but it has axes \(5,\)"),
        ("third", "position", 29, r"position 29 is not in output 'tf_profile'.*positions 0\.\.28"),
        ("third", "column", 2, r"column 2 is not in output 'tf_profile'"),
        ("peak", "window", [3, 30], r"window \[3, 30\] ends beyond output 'tf_profile'"),
        ("log", "counts", "tf_profile", "has positions; log counts have none"),
    ):
        chosen = TARGETS[name]
        wrong = {**chosen, "settings": {**chosen["settings"], key: value}}
        with pytest.raises(InputError, match=words):
            check_heads(readings({name: wrong}), shapes)


def bpnet(rng, transposed=True, activation="relu"):
    """A small BPNet: a profile head as its authors make it, counts, and labels; dict outputs."""
    K = keras.layers
    sequence = x = keras.Input((L, 4))
    for dilation in (1, 2):
        y = K.Conv1D(6, 3, dilation_rate=dilation, padding="same", activation=activation)(x)
        x = y if dilation == 1 else K.Add()([x, y])
    if transposed:
        y = K.Conv2DTranspose(STRANDS, (8, 1), padding="same")(K.Reshape((-1, 1, 6))(x))
        profile = K.Reshape((-1, STRANDS))(y)
    else:
        profile = K.Conv1DTranspose(STRANDS, 7, padding="same")(x)
    pooled = K.GlobalAveragePooling1D()(x)
    outputs = {
        "tf_profile": profile,
        "tf_counts": K.Dense(STRANDS, activation="softplus")(pooled),
        "labels": K.Dense(LABELS, activation="softmax")(pooled),
    }
    network = keras.Model(sequence, outputs)
    network.set_weights([rng.normal(0, 0.4, w.shape).astype(np.float32) for w in network.weights])
    return network


@pytest.mark.parametrize("transposed", [True, False])
def test_keras_and_the_plan_read_the_same_of_several_heads(rng, transposed):
    network = bpnet(rng, transposed)
    ask = ask_heads(network, 5)
    listed = [one.prepared(ask, L, np.random.default_rng(1)) for one in readings(TARGETS)]
    model = KerasModel(network, L, unit="mixed", batch=5, readings=listed)
    codes = rng.integers(0, 5, (N, L), dtype=np.uint8)
    expected = np.stack([one.read(np, ask(codes)) for one in listed], axis=1)
    assert (
        model.targets == tuple(TARGETS) and model.embedding is None and model.embed(codes) is None
    )
    assert model.predict(codes) == pytest.approx(expected, rel=1e-4, abs=1e-5)

    arrays = checked_plan(model, make_plan(model), rng)
    assert arrays and from_arrays(arrays).opaque.name == "readings"

    def never():
        raise AssertionError("Keras is not needed")

    planned = PlannedModel(arrays, never, 2, listed)
    assert planned.targets == model.targets and planned.unit == "mixed"
    assert planned.embedding is None and planned.embed(codes) is None
    assert planned.predict(codes) == pytest.approx(expected, rel=1e-4, abs=1e-5)
    edited = np.stack([codes, np.roll(codes, 3, axis=1), codes[:, ::-1]])
    edited[0, :, 11] = 2
    found = planned.predict_edits(codes, iter([edited[:2], edited[2:]]))
    assert found == pytest.approx(model.predict_edits(codes, iter([edited])), rel=1e-4, abs=1e-5)


def test_functionals_have_gradients(rng):
    """In float32, held against central differences; wn's weights are frozen."""
    network = bpnet(rng, activation="gelu")
    listed = [one.prepared(ask_heads(network, 5), L, rng) for one in readings(TARGETS)]
    model = KerasModel(network, L, batch=3, readings=listed)
    x = one_hot(rng.integers(0, 4, (3, L), dtype=np.uint8))
    slope, step = rng.normal(size=x.shape).astype(np.float32), 3e-3
    for name in ("summit", "window", "log"):
        values = []
        for sign in (1, -1):
            made = network(x + sign * step * slope, training=False)
            heads = {key: np.asarray(value) for key, value in made.items()}
            values.append(listed[model.targets.index(name)].read(np, heads))
        expected = (values[0] - values[1]) / (2 * step)
        found = (model.gradient(x, name) * slope).sum(axis=(1, 2))
        assert found == pytest.approx(expected, rel=0.03, abs=5e-3)
    assert np.abs(model.gradient(x, "wn")).max() > 0


def test_a_network_that_has_no_plan_is_read_in_keras(rng, caplog):
    sequence = keras.Input((L, 4))
    pooled = keras.layers.GlobalAveragePooling1D()(
        keras.layers.LSTM(3, return_sequences=True)(sequence)
    )
    network = keras.Model(sequence, {"a": keras.layers.Dense(2)(pooled), "b": pooled})
    wanted = {"t": {"functional": "column", "settings": {"head": "b", "column": 2}}}
    model = KerasModel(network, L, batch=4, readings=readings(wanted))
    with caplog.at_level(logging.INFO):
        assert make_plan(model) == {}
    assert "functionals run in Keras because of layer 'lstm" in caplog.text
    codes = rng.integers(0, 4, (N, L), dtype=np.uint8)
    expected = np.asarray(network(one_hot(codes))["b"])[:, 2]
    assert model.predict(codes)[:, 0] == pytest.approx(expected, abs=1e-6)


def test_every_functional_says_what_it_is():
    for name in functionals.REGISTRY.names:
        module = functionals.REGISTRY.load(name)
        assert module.UNIT and len(module.__doc__.split()) > 12
        assert all(field.description for field in module.Settings.model_fields.values())
