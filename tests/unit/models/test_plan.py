"""Plans as arrays, and targets read from heads."""

import io

import numpy as np
import pytest

from giaflow.base.checks import InputError
from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.plan.plan import Op, Plan, from_arrays, to_arrays
from giaflow.models.plan.readouts import Target, with_targets


def plan(head_length=9, channels=3):
    """One convolution of width 1, so that a head's values are sums of kernel rows."""
    kernel = np.arange(4 * channels, dtype=np.float32).reshape(1, 4, channels)
    settings = {"stride": 1, "dilation": 1, "left": 0, "groups": 1}
    weights = {"kernel": kernel, "bias": np.full(channels, 0.5, np.float32)}
    op = Op("conv", "first", (0,), (1,), settings, weights)
    return Plan(
        (op,), {0: (head_length, 4), 1: (head_length, channels)}, {"tracks": 1}, sha256="ab"
    )


def stored(arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    return np.load(file, allow_pickle=False)


def test_round_trip_through_a_file():
    before = with_targets(plan(), [Target("a", "tracks", 2), Target("b", "tracks", 0)], "signal")
    after = from_arrays(stored(to_arrays(before)))
    assert after.shapes == before.shapes and after.heads == before.heads
    assert (after.targets, after.unit, after.sha256) == (("a", "b"), "signal", "ab")
    for one, two in zip(before.ops, after.ops, strict=True):
        assert (one.kind, one.name, one.inputs, one.outputs) == (
            *(two.kind, two.name),
            *(two.inputs, two.outputs),
        )
        assert one.settings == two.settings and one.weights.keys() == two.weights.keys()
        for name, array in one.weights.items():
            assert array.dtype == two.weights[name].dtype
            np.testing.assert_array_equal(array, two.weights[name])


def test_a_changed_weight_is_noticed():
    arrays = to_arrays(plan())
    arrays["w/0/bias"] = arrays["w/0/bias"] + 1
    with pytest.raises(InputError, match="damaged"):
        from_arrays(arrays)


def test_other_files_are_refused():
    with pytest.raises(InputError, match="not the plan"):
        from_arrays({"x": np.zeros(3)})


def test_an_unknown_op_is_refused():
    strange = Plan((Op("fourier", "f", (0,), (1,)),), {0: (9, 4), 1: (9, 4)}, {"h": 1})
    with pytest.raises(InputError, match="'fourier', which this version does not know"):
        from_arrays(to_arrays(strange))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target("t", "tracks", 1), lambda head: head[:, :, 1].mean(1)),
        (Target("t", "tracks", 2, 3, 7, "sum"), lambda head: head[:, 3:7, 2].sum(1)),
        (Target("t", "tracks", 0, 2, None, "max"), lambda head: head[:, 2:, 0].max(1)),
        (Target("t", "tracks", 0, 4, 5), lambda head: head[:, 4, 0]),
        (
            Target("t", "tracks", 1, 0, 6, "sum", "log1p"),
            lambda head: np.log1p(head[:, :6, 1].sum(1)),
        ),
    ],
)
def test_targets_read_what_they_say(rng, target, expected):
    codes = rng.integers(0, 4, (5, 9)).astype(np.uint8)
    head = np.eye(4)[codes] @ plan().ops[0].weights["kernel"][0] + 0.5
    model = IncrementalModel(with_targets(plan(), [Target("other", "tracks", 0), target]))
    assert model.targets == ("other", "t")
    got = model.predict(codes)
    np.testing.assert_allclose(got[:, 0], head[:, :, 0].mean(1), rtol=1e-6)
    np.testing.assert_allclose(got[:, 1], expected(head), rtol=1e-6)


def test_targets_come_in_the_order_asked_for(rng):
    codes = rng.integers(0, 4, (5, 9)).astype(np.uint8)
    targets = [
        Target("c", "tracks", 2),
        Target("s", "tracks", 1, reduce="sum"),
        Target("a", "tracks", 0),
    ]
    head = np.eye(4)[codes] @ plan().ops[0].weights["kernel"][0] + 0.5
    got = IncrementalModel(with_targets(plan(), targets)).predict(codes)
    expected = [head[:, :, 2].mean(1), head[:, :, 1].sum(1), head[:, :, 0].mean(1)]
    np.testing.assert_allclose(got, np.stack(expected, 1), rtol=1e-6)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([], "one name each"),
        ([Target("t", "tracks"), Target("t", "tracks", 1)], "all different, got t, t"),
        ([Target("t", "track")], "did you mean 'tracks'"),
        ([Target("t", "tracks", 3)], r"column 3, but head 'tracks' has columns 0\.\.2"),
        (
            [Target("t", "tracks", 0, 4, 10)],
            r"positions 4\.\.10, but head 'tracks' has positions 0\.\.9",
        ),
        ([Target("t", "tracks", 0, 4, 4)], r"positions 4\.\.4"),
        ([Target("t", "tracks", reduce="meen")], "did you mean 'mean'"),
        ([Target("t", "tracks", transform="sqrt")], "unknown transform of target 't'"),
    ],
)
def test_wrong_targets(targets, message):
    with pytest.raises(InputError, match=message):
        with_targets(plan(), targets)


def test_a_plan_without_targets_does_not_run():
    with pytest.raises(InputError, match="no targets"):
        IncrementalModel(plan())


def test_a_plan_with_an_opaque_op_needs_the_model():
    opaque = Op("opaque", "memory", (0,), (1,), {"reason": "there is no op for LSTM", "macs": 5})
    made = Plan((opaque,), {0: (9, 4), 1: (1, 3)}, {"h": 1})
    with pytest.raises(InputError, match=r"layer 'memory' cannot run from a plan .*LSTM"):
        IncrementalModel(with_targets(made, [Target("t", "h")]))


def test_wrong_sequences():
    model = IncrementalModel(with_targets(plan(), [Target("t", "tracks")]))
    codes = np.zeros((2, 9), np.uint8)
    with pytest.raises(InputError, match="length 8, but 9"):
        model.predict(codes[:, 1:])
    with pytest.raises(InputError, match=r"axes \(C, 2, 9\), got uint8 \(1, 3, 9\)"):
        model.predict_edits(codes, [np.zeros((1, 3, 9), np.uint8)])
    assert model.predict_edits(codes, []).shape == (0, 2, 1)
    assert model.predict_edits(codes[:0], [np.zeros((4, 0, 9), np.uint8)]).shape == (4, 0, 1)
    assert model.predict(codes[:0]).shape == (0, 1)
