"""Whole networks: edits against the plain path, and both against a float64 twin."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import FULL, SMALL, randomise
from twin import predict64

from giaflow.base.checks import InputError
from giaflow.models.engine import incremental
from giaflow.models.engine.background_cache import Cache
from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.engine.program import Program
from giaflow.models.engine.saved_work import inspect
from giaflow.models.engine.usual_sweeps import SWEEPS
from giaflow.models.engine.whole_sequences import Arenas
from giaflow.models.plan.plan import from_arrays, to_arrays
from giaflow.models.plan.readouts import Target, with_targets
from giaflow.models.readers.keras_batches import PlainPredictor
from giaflow.models.readers.keras_export import export, heads_function


class Network:
    """A small network with its plan, its plain path and its fast path."""

    def __init__(self, build):
        model = randomise(build())
        plan = export(model)
        targets = []
        for head, t in plan.heads.items():
            length, columns = plan.shapes[t]
            targets += [Target(f"{head} {c}", head, c) for c in range(columns)]
            targets.append(Target(f"{head} middle", head, 0, length // 2, length // 2 + 1))
        self.plan = with_targets(from_arrays(to_arrays(plan)), targets, "logit")
        self.plain = IncrementalModel(self.plan, plain=PlainPredictor(heads_function(model), 32))
        self.fast = IncrementalModel(self.plan)


@pytest.fixture(scope="module", params=SMALL)
def network(request):
    return Network(SMALL[request.param])


def mutants(codes):
    """All single-letter changes of codes (1, L), as (3 L, 1, L)."""
    length = codes.shape[1]
    edited = np.repeat(codes[None], 3 * length, 0)
    at = np.repeat(np.arange(length), 3)
    edited[np.arange(3 * length), 0, at] = (
        edited[np.arange(3 * length), 0, at] + np.tile([1, 2, 3], length)
    ) % 4
    return edited


def draw(seed, n, length):
    return np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)


def test_every_single_letter(network):
    codes = draw(3, 1, network.fast.length)
    edited = mutants(codes)
    got = network.fast.predict_edits(codes, [edited])
    wanted = network.plain.predict(edited[:, 0])[:, None]
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max() <= 1e-5 * np.abs(wanted).max()


def check_effects(network, codes, edited):
    """Effects of edits are no further from a float64 twin than those of whole sequences."""
    edited = np.concatenate([codes[None], edited])
    truth = predict64(network.plan, edited[:, 0])
    plain = network.plain.predict(edited[:, 0])
    fast = network.fast.predict_edits(codes, [edited])[:, 0]
    effect = [(y[1:].astype(np.float64) - y[:1]) for y in (truth, plain, fast)]
    scale = np.abs(truth).max(axis=0)
    wrong = [np.sqrt(np.mean(((e - effect[0]) / scale) ** 2)) for e in effect[1:]]
    # Half a unit in the last place of the prediction is lost on either path when it is rounded.
    assert wrong[1] <= wrong[0] + 3e-8
    assert np.abs(effect[2] - effect[0]).max() <= 2e-6 * scale.max()


def test_error_of_effects_against_float64(network):
    codes = draw(4, 1, network.fast.length)
    check_effects(network, codes, mutants(codes))


@pytest.mark.parametrize("name", ["ResidualBind L=200", "DeepSTARR L=249", "BPNet L=1000"])
def test_error_of_effects_of_full_networks(name):
    large = Network(FULL[name])
    codes = draw(13, 1, large.fast.length)
    check_effects(large, codes, mutants(codes)[:: large.fast.length // 8])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_drawn_edits(network, data):
    length = network.fast.length
    codes = draw(data.draw(st.integers(0, 99)), 2, length)
    edited = np.repeat(codes[None], 5, 0)
    spans = st.tuples(
        st.integers(0, 4), st.integers(0, 1), st.integers(0, length - 1), st.integers(1, 12)
    )
    for c, n, start, width in data.draw(st.lists(spans, min_size=1, max_size=12)):
        edited[c, n, start : start + width] = data.draw(st.integers(0, 4))
    got = network.fast.predict_edits(codes, [edited])
    wanted = np.stack([network.plain.predict(one) for one in edited])
    assert np.abs(got - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_new_backgrounds_for_pairs(network):
    length = network.fast.length
    codes = draw(5, 3, length)
    first, second = draw(6, 2, 6)
    edited = np.repeat(codes[None], length - 5 + 2, 0)
    edited[1:, :, 4:10] = first
    for start in range(length - 5):
        edited[2 + start, :, start : start + 6] = second
    got = network.fast.predict_edits(codes, [edited])
    wanted = np.stack([network.plain.predict(one) for one in edited])
    assert np.abs(got - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_same_bytes_however_it_is_cut(network):
    length = network.fast.length
    codes = draw(7, 5, length)
    rng = np.random.default_rng(8)
    edited = np.repeat(codes[None], 41, 0)
    for c in range(1, 41):
        start = rng.integers(0, length - 7)
        edited[c, :, start : start + 7] = rng.integers(0, 4, (1, 7))
        edited[c, :, 2:4] = 1
    wanted = network.fast.predict_edits(codes, [edited]).tobytes()
    single = np.concatenate(
        [network.fast.predict_edits(codes[n : n + 1], [edited[:, n : n + 1]]) for n in range(5)], 1
    )
    assert single.tobytes() == wanted
    pieces = [edited[:1], edited[1:14], edited[14:14], edited[14:]]
    assert network.fast.predict_edits(codes, iter(pieces)).tobytes() == wanted
    threads = IncrementalModel(network.plan, threads=2)
    assert threads.predict_edits(codes, [edited]).tobytes() == wanted
    tight = IncrementalModel(network.plan, memory=1, threads=3)
    assert tight.predict_edits(codes, [edited]).tobytes() == wanted
    assert tight.predict(codes).tobytes() == network.fast.predict(codes).tobytes()


def test_an_unchanged_background_is_predicted_as_it_is(network):
    codes = draw(9, 4, network.fast.length)
    edited = np.repeat(codes[None], 2, 0)
    got = network.fast.predict_edits(codes, [edited])
    assert (got[0] == got[1]).all()
    assert (got[0] == network.fast.predict(codes)).all()


def test_positions_that_no_target_reads_cost_nothing():
    model = randomise(SMALL["spliceai"]())
    plan = export(model)
    (head,) = plan.heads
    read = with_targets(plan, [Target("one", head, 1, 33, 36, "sum")])
    everything = with_targets(plan, [Target("all", head, 1)])
    codes = draw(11, 1, plan.length)
    edited = mutants(codes)
    fast = IncrementalModel(read)
    wanted = IncrementalModel(read, plain=PlainPredictor(heads_function(model), 32)).predict(
        edited[:, 0]
    )
    got = fast.predict_edits(codes, [edited])[:, 0]
    assert np.abs(got - wanted).max() <= 1e-5 * np.abs(wanted).max()
    gains = [{row["sweep"]: row["limit"] for row in inspect(one)} for one in (read, everything)]
    assert gains[0]["single letters"] > 1.25 * gains[1]["single letters"]


def test_edits_go_the_way_that_is_told(network, monkeypatch):
    whole, told = [], {row["sweep"]: row["path"] for row in inspect(network.plan)}
    monkeypatch.setattr(
        IncrementalModel, "_whole", lambda self, codes, changes, edits, *_: whole.append(len(edits))
    )
    codes = np.zeros((1, network.fast.length), np.uint8)
    for sweep in SWEEPS:
        whole.clear()
        edited = sweep.edited(codes)
        network.fast.predict_edits(codes, [edited])
        assert told[sweep.name] == ("whole" if 2 * sum(whole) > len(edited) else "differences")


def test_a_head_that_no_target_reads_needs_no_op():
    inputs = keras.Input((37, 4))
    x = keras.layers.Conv1D(5, 3)(inputs)
    memory = keras.layers.LSTM(2, name="memory")(x)
    counts = keras.layers.Dense(3, name="counts")(keras.layers.GlobalAveragePooling1D()(x))
    plan = export(randomise(keras.Model(inputs, [memory, counts])))
    codes = draw(12, 2, 37)
    got = IncrementalModel(with_targets(plan, [Target("t", "counts", 2)])).predict(codes)
    assert got.shape == (2, 1) and np.isfinite(got).all()
    with pytest.raises(InputError, match="'memory' cannot run from a plan"):
        IncrementalModel(with_targets(plan, [Target("t", "memory")]))


@pytest.mark.parametrize("hold", [3, 10, 200])
def test_remembered_backgrounds_stay_within_the_memory(network, monkeypatch, hold):
    live, most = set(), []

    class Counted(Cache):
        def __init__(self, program, codes, arenas, each):
            super().__init__(program, codes, arenas, each)
            live.add((id(self), len(codes)))
            most.append(sum(rows for _, rows in live))

        def __del__(self):
            live.difference_update([entry for entry in live if entry[0] == id(self)])

    monkeypatch.setattr(incremental, "Cache", Counted)
    monkeypatch.setattr(incremental, "BACKGROUNDS", 17)
    monkeypatch.setattr(incremental, "CONDITIONS", 60)
    memory = hold * Program(network.plan).needs.bytes
    length = network.fast.length
    codes = draw(14, 41, length)
    edited = np.repeat(codes[None], 120, 0)
    for c in range(60):
        edited[2 * c, :, 3 + c % 25] = c % 4
        edited[2 * c + 1, :, 36:42], edited[2 * c + 1, :, 3 + c % 25] = 2, c % 4
    tight = IncrementalModel(network.plan, memory=memory)
    got = tight.predict_edits(codes, [edited])
    assert max(most) <= hold and (len(most) > 6 or hold == 200)
    assert got.tobytes() == network.fast.predict_edits(codes, [edited]).tobytes()


def test_memory_of_a_background_is_known(network):
    program = Program(network.plan)
    cache = Cache(program, draw(10, 3, network.plan.length), Arenas())
    kept = [*cache.before.values(), *cache.after.values(), *cache.tensors.values()]
    assert sum(array.nbytes for array in kept) == 3 * program.needs.bytes
