"""A Keras network behind the face of a model: exact, whatever the batch; careful at the door."""

import json
import zipfile

import numpy as np
import pytest

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.models.planned_model import PlannedModel, make_plan
from giaflow.models.probing import probe
from giaflow.models.readers.keras_network import KerasModel, load_model
from giaflow.models.readers.opening import check_file

keras = pytest.importorskip("keras")
LENGTH = 13


def linear_network(weights, bias=None, length=LENGTH, **names):
    """A Keras model that computes flatten(x) @ weights + bias; weights (L * 4, T)."""
    sequence = keras.Input((length, 4), name="sequence")
    flat = keras.layers.Flatten()(sequence)
    out = keras.layers.Dense(weights.shape[1], name=names.get("name", "out"))(flat)
    network = keras.Model(sequence, out)
    bias = np.zeros(weights.shape[1]) if bias is None else bias
    network.layers[-1].set_weights([weights, bias])
    return network


@pytest.fixture
def weights(rng):
    return rng.normal(size=(LENGTH * 4, 3)).astype(np.float32)


@pytest.fixture
def codes(rng):
    return rng.integers(0, 5, (7, LENGTH), dtype=np.uint8)


def test_predictions_are_the_network_s_on_named_columns(weights, codes):
    model = KerasModel(linear_network(weights), LENGTH, {"b": 2, "a": 0}, batch=5)
    expected = one_hot(codes).reshape(7, -1) @ weights
    assert model.targets == ("b", "a")
    assert model.predict(codes) == pytest.approx(expected[:, [2, 0]], abs=1e-5)


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
def test_the_batch_size_does_not_change_predictions(weights, codes, batch):
    reference = KerasModel(linear_network(weights), LENGTH, batch=3).predict(codes)
    found = KerasModel(linear_network(weights), LENGTH, batch=batch).predict(codes)
    assert found == pytest.approx(reference, abs=1e-6)


def test_a_prediction_does_not_depend_on_its_company(weights, codes):
    model = KerasModel(linear_network(weights), LENGTH, batch=4)
    assert np.array_equal(model.predict(codes)[5:6], model.predict(codes[5:6]))


def test_edits_come_back_as_condition_background_target(weights, codes):
    model = KerasModel(linear_network(weights), LENGTH, batch=4)
    edited = np.stack([codes, codes[:, ::-1]])
    found = model.predict_edits(codes, iter([edited[:1], edited[1:]]))
    assert found.shape == (2, 7, 3)
    assert np.array_equal(found[0], model.predict(codes))
    assert model.predict_edits(codes, iter([])).shape == (0, 7, 3)
    assert model.predict(codes[:0]).shape == (0, 3)


def test_the_gradient_of_a_linear_network_is_its_weights(weights, codes):
    model = KerasModel(linear_network(weights), LENGTH, {"c": 2, "a": 0}, batch=4)
    for target, column in (("c", 2), ("a", 0)):
        expected = np.broadcast_to(weights[:, column].reshape(LENGTH, 4), (7, LENGTH, 4))
        assert model.gradient(one_hot(codes), target) == pytest.approx(expected, abs=1e-6)


class TestEmbedding:
    """Activations of the layer before the head's last one."""

    def build(self, *layers, heads=1):
        keras.utils.set_random_seed(3)
        x = sequence = keras.Input((LENGTH, 4))
        for layer in layers:
            x = layer(x)
        outputs = [keras.layers.Dense(2 + i, name=f"head{i}")(x) for i in range(heads)]
        return keras.Model(sequence, outputs if heads > 1 else outputs[0])

    def test_it_is_what_the_last_layer_reads(self, codes):
        inner = keras.layers.Dense(5, activation="relu", name="readout")
        network = self.build(keras.layers.Flatten(), inner)
        model = KerasModel(network, LENGTH, batch=4)
        found = model.embed(codes)
        weights, bias = network.layers[-1].get_weights()
        assert model.embedding == "readout" and found.shape == (7, 5)
        assert found @ weights + bias == pytest.approx(model.predict(codes), abs=1e-5)

    def test_an_activation_after_it_is_passed_over(self, codes):
        keras.utils.set_random_seed(3)
        sequence = keras.Input((LENGTH, 4))
        x = keras.layers.Dense(5, name="readout")(keras.layers.Flatten()(sequence))
        out = keras.layers.Activation("sigmoid")(keras.layers.Dense(2)(x))
        model = KerasModel(keras.Model(sequence, out), LENGTH, batch=4)
        assert model.embedding == "readout" and model.embed(codes).shape == (7, 5)

    def test_positions_are_averaged(self, codes):
        layers = keras.layers
        network = self.build(layers.Conv1D(6, 3, name="conv"), layers.Flatten())
        flat = KerasModel(network, LENGTH, batch=4)
        assert flat.embed(codes).shape == (7, 6 * (LENGTH - 2))
        sequence = keras.Input((LENGTH, 4))
        x = layers.Conv1D(6, 3, name="conv")(sequence)
        out = layers.Reshape((2,))(layers.Conv1D(2, LENGTH - 2)(x))
        network = keras.Model(sequence, out)
        model = KerasModel(network, LENGTH, batch=4)
        inner = keras.Model(sequence, x).predict(one_hot(codes), verbose=0)
        assert model.embed(codes) == pytest.approx(inner.mean(axis=1), abs=1e-6)

    def test_it_is_that_of_the_chosen_head(self, codes):
        network = self.build(keras.layers.Flatten(), keras.layers.Dense(5), heads=2)
        model = KerasModel(network, LENGTH, head="head1", batch=4)
        weights, bias = network.get_layer("head1").get_weights()
        assert model.embed(codes) @ weights + bias == pytest.approx(model.predict(codes), abs=1e-5)

    def test_a_network_of_one_layer_has_none(self, weights, codes):
        model = KerasModel(linear_network(weights), LENGTH, batch=4)
        assert model.embedding is None and model.embed(codes) is None

    def test_a_sum_of_two_branches_has_none(self, codes):
        sequence = keras.Input((LENGTH, 4))
        flat = keras.layers.Flatten()(sequence)
        parts = [keras.layers.Dense(2)(keras.layers.Dense(n)(flat)) for n in (3, 5)]
        network = keras.Model(sequence, keras.layers.Add()(parts))
        assert KerasModel(network, LENGTH, batch=4).embedding is None

    @pytest.mark.parametrize("kind", ["flat", "by position", "flattened", "nested", "none"])
    def test_a_plan_gives_it_without_keras(self, kind, codes):
        layers = keras.layers
        inside = {
            "flat": [layers.Flatten(), layers.Dense(5, activation="relu", name="readout")],
            "by position": [layers.Conv1D(6, 3, activation="relu"), layers.Dropout(0.5)],
            "flattened": [layers.Conv1D(6, 3), layers.Flatten()],
            "nested": [keras.Sequential([layers.Conv1D(6, 3), layers.GlobalMaxPooling1D()])],
            "none": [layers.Flatten()],
        }[kind]
        network = self.build(*inside)
        if kind == "by position":
            pooled = layers.GlobalAveragePooling1D()(network.output)
            network = keras.Model(network.input, pooled)
        model = KerasModel(network, LENGTH, batch=4)

        def open_network():
            pytest.fail("Keras was asked")

        planned = PlannedModel(make_plan(model), open_network, 1)
        expected = model.embed(codes)
        assert planned.embedding == model.embedding
        if kind == "none":
            assert planned.embed(codes) is None and expected is None
        else:
            assert planned.embed(codes) == pytest.approx(expected, abs=1e-6)
            assert planned.embed(codes[:0]) is None

    def test_keras_gives_what_stands_behind_a_layer_that_no_plan_knows(self, codes):
        layers = keras.layers
        network = self.build(layers.GRU(3), layers.Dense(5, name="readout"))
        model = KerasModel(network, LENGTH, batch=4)
        planned = PlannedModel(make_plan(model), lambda: model, 1)
        assert planned.embedding == "readout"
        assert np.array_equal(planned.embed(codes), model.embed(codes))


def test_a_wrong_length_is_refused_before_every_call(weights, codes):
    model = KerasModel(linear_network(weights), LENGTH, batch=4)
    model.predict(codes)
    with pytest.raises(InputError, match="sequences have length 9, but 13 is needed"):
        model.predict(codes[:, :9])


def test_a_head_is_chosen_by_name(rng, codes):
    sequence = keras.Input((LENGTH, 4))
    flat = keras.layers.Flatten()(sequence)
    heads = {name: keras.layers.Dense(n, name=name)(flat) for name, n in (("z", 2), ("a", 3))}
    network = keras.Model(sequence, heads)
    expected = network.predict(one_hot(codes), verbose=0)
    for head, n in (("z", 2), ("a", 3)):
        model = KerasModel(network, LENGTH, head=head, batch=4)
        assert model.targets == tuple(f"target_{i}" for i in range(n))
        assert model.predict(codes) == pytest.approx(expected[head], abs=1e-6)
    with pytest.raises(InputError, match=r"outputs .*; choose one with output\.head"):
        KerasModel(network, LENGTH)
    with pytest.raises(InputError, match=r"unknown model output 'zz'.*did you mean 'z'"):
        KerasModel(network, LENGTH, head="zz")


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(4, LENGTH)], r"\(4, 13\), letters first; giaflow needs \(length, 4\)"),
        ([(LENGTH, 5)], r"\(13, 5\), but one-hot sequences"),
        ([(LENGTH + 2, 4)], "takes 15 letters, but the config's length is 13"),
        ([(LENGTH, 4), (1,)], "must have one input, the sequence; it has"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(shapes, message):
    inputs = [keras.Input(shape) for shape in shapes]
    flat = [keras.layers.Flatten()(one) for one in inputs]
    joined = keras.layers.Concatenate()(flat) if len(flat) > 1 else flat[0]
    network = keras.Model(inputs, keras.layers.Dense(2)(joined))
    with pytest.raises(InputError, match=message):
        KerasModel(network, LENGTH)


def test_outputs_that_do_not_fit_are_refused(weights):
    with pytest.raises(InputError, match=r"target 'x' reads column 3 .* columns 0\.\.2"):
        KerasModel(linear_network(weights), LENGTH, {"x": 3})
    sequence = keras.Input((LENGTH, 4))
    profile = keras.Model(sequence, keras.layers.Conv1D(2, 3, padding="same", name="p")(sequence))
    with pytest.raises(InputError, match=r"output 'p' has shape \(13, 2\) per sequence"):
        KerasModel(profile, LENGTH)


def test_any_length_is_taken_where_the_network_takes_any(rng):
    sequence = keras.Input((None, 4))
    out = keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(3, 5)(sequence))
    model = KerasModel(keras.Model(sequence, out), 19, batch=4)
    assert model.predict(rng.integers(0, 4, (5, 19), dtype=np.uint8)).shape == (5, 3)


class TestProbe:
    def test_a_sound_model_passes(self, weights, rng):
        found = probe(KerasModel(linear_network(weights), LENGTH, batch=4), rng)
        assert len(found["minimum"]) == 3 and found["strand_symmetric"] is False

    def test_a_model_that_averages_strands_is_known(self, rng):
        sequence = keras.Input((LENGTH, 4))
        out = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D()(sequence))
        network = keras.Model(sequence, out)
        half = rng.normal(size=(2, 2))
        network.layers[-1].set_weights([np.concatenate([half, half[::-1]]), np.zeros(2)])
        assert probe(KerasModel(network, LENGTH, batch=4), rng)["strand_symmetric"] is True

    def test_nan_weights_are_refused(self, weights, rng):
        weights[3, 1] = np.nan
        model = KerasModel(linear_network(weights), LENGTH, batch=4)
        with pytest.raises(InputError, match="not finite"):
            probe(model, rng)


class TestFiles:
    def test_a_saved_network_opens_and_predicts_the_same(self, weights, codes, tmp_path):
        network = linear_network(weights)
        for name in ("m.keras", "m.h5"):
            with pytest.MonkeyPatch.context() as patch:
                # Keras warns that HDF5 is its old format; users have such files.
                patch.setattr("absl.logging.warning", lambda *_: None)
                network.save(tmp_path / name)
            model = load_model(tmp_path / name, LENGTH, batch=4)
            assert model.predict(codes) == pytest.approx(
                KerasModel(network, LENGTH, batch=4).predict(codes), abs=1e-6
            )

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("none.keras", None, "not found"),
            ("m.txt", b"x", "must end in one of .keras, .h5, .hdf5"),
            ("m.keras", b"", "neither .keras nor HDF5, or empty"),
            ("m.keras", b"\x89HDF\r\n", "the content is an HDF5 file: name it .h5"),
            ("m.h5", b"PK\x03\x04xx", "the content is a .keras file"),
            ("m.keras", b"PK\x03\x04" + b"x" * 90, r"cut short \(94 bytes\)"),
            ("m.keras", b"\x80\x05pickle", "not what its ending says"),
        ],
    )
    def test_what_is_no_model_is_refused_before_keras(self, tmp_path, name, content, message):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=message):
            check_file(tmp_path / name)

    def test_a_folder_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="a SavedModel is a program"):
            check_file(tmp_path)

    def test_a_file_that_stores_code_is_refused(self, weights, tmp_path):
        """The config names a lambda; nothing of it is run."""
        sequence = keras.Input((LENGTH, 4))
        flat = keras.layers.Flatten()(sequence)
        out = keras.layers.Lambda(lambda x: x * 2, output_shape=(LENGTH * 4,))(flat)
        path = tmp_path / "m.keras"
        keras.Model(sequence, out).save(path)
        with pytest.raises(
            InputError, match=r"m\.keras is refused: .*Lambda.*trust: true"
        ) as caught:
            load_model(path, LENGTH)
        assert "\n" not in str(caught.value)

    def test_weights_without_a_network_are_refused(self, weights, tmp_path):
        path = tmp_path / "m.weights.h5"
        linear_network(weights).save_weights(path)
        with pytest.raises(InputError, match="weights without an architecture"):
            load_model(path, LENGTH)

    def test_a_broken_config_is_refused(self, weights, tmp_path):
        path = tmp_path / "m.keras"
        linear_network(weights).save(path)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["config.json"] = json.dumps({"class_name": "NoSuchLayer", "config": {}}).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        with pytest.raises(InputError, match="the network is 'NoSuchLayer', which is not a model"):
            load_model(path, LENGTH)
