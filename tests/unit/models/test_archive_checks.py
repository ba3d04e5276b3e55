"""Damaged and odd model files: each is refused in one sentence of ours, within seconds."""

import json
import pickle
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from giaflow.base.checks import InputError
from giaflow.models.readers import hdf5_checks
from giaflow.models.readers.hdf5_checks import copy_hdf5
from giaflow.models.readers.opening import open_keras

ADVICE = ("safe_mode", "unsafe_deserialization", "custom_object_scope", "Traceback")


@pytest.fixture(scope="module")
def network():
    sequence = keras.Input((20, 4), name="sequence")
    x = layers.Conv1D(6, 7, padding="same", activation="relu")(sequence)
    x = layers.GlobalMaxPooling1D()(x)
    return keras.Model(sequence, layers.Dense(3, name="head")(x))


def refused(path, message):
    with pytest.raises(InputError, match=message) as found:
        open_keras(path)
    assert str(path) in str(found.value)
    assert not any(word in str(found.value) for word in ADVICE)


def rezipped(source, target, change):
    """A copy of a .keras file whose members `change` (dict of name to bytes) has changed."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


@pytest.fixture
def saved(tmp_path, network):
    network.save(tmp_path / "whole.keras")
    network.save(tmp_path / "whole.h5")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.keras", b"", "empty"),
        ("m.h5", b"", "empty"),
        ("m.keras", pickle.dumps({"a": 1}), "neither .keras nor HDF5"),
        ("m.h5", b"\x89HDF\r\n\x1a\n", "damaged"),
        ("m.h5", b"\x89HDF\r\n\x1a\n" + bytes(4000), "damaged"),
        ("m.pkl", pickle.dumps(1), "must end in one of"),
    ],
)
def test_a_file_of_another_kind(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, message)


def test_a_file_under_the_name_of_the_other_kind(saved):
    (saved / "a.keras").write_bytes((saved / "whole.h5").read_bytes())
    (saved / "b.h5").write_bytes((saved / "whole.keras").read_bytes())
    refused(saved / "a.keras", r"an HDF5 file: name it \.h5")
    refused(saved / "b.h5", r"the content is a \.keras file")
    (saved / "folder.keras").mkdir()
    refused(saved / "folder.keras", "is a folder")


@pytest.mark.parametrize("kind", ["keras", "h5"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_short(saved, kind, share):
    content = (saved / f"whole.{kind}").read_bytes()
    path = saved / f"cut.{kind}"
    path.write_bytes(content[: int(len(content) * share)])
    refused(path, "cut short|damaged")


def test_weights_without_an_architecture(saved, network):
    network.save_weights(saved / "only.weights.h5")
    refused(saved / "only.weights.h5", "weights without an architecture; save the whole network")
    path = rezipped(saved / "whole.keras", saved / "m.keras", lambda m: m.pop("config.json"))
    refused(path, "weights without an architecture")
    path = rezipped(saved / "whole.keras", saved / "n.keras", lambda m: m.pop("model.weights.h5"))
    refused(path, "holds no model.weights.h5")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update({"../out": b"1"}), "would lie outside"),
        (lambda m: m.update({"/abs": b"1"}), "would lie outside"),
        (lambda m: m.update({"assets/a.txt": b"1"}), "'assets/a.txt' beside"),
        (lambda m: m.update({"config.json": b" " * 2**28}), "grows from"),
        (lambda m: m.update({"config.json": b"[]"}), "not a JSON object"),
        (lambda m: m.update({"config.json": b"{"}), "not JSON"),
        (lambda m: m.update({"config.json": b"\xff\xfe"}), "damaged"),
        (lambda m: m.update({"config.json": b"[" * 5000}), "nests over"),
        (lambda m: m.update({"config.json": b'{"a": 1, "a": 2}'}), "a key twice"),
        (lambda m: m.update({"model.weights.h5": b"PK" * 999}), "damaged"),
    ],
)  # fmt: skip
def test_an_odd_archive(saved, change, message):
    refused(rezipped(saved / "whole.keras", saved / "m.keras", change), message)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice_and_a_link(saved):
    path = rezipped(saved / "whole.keras", saved / "m.keras", lambda m: None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", "{}")
    refused(path, "'config.json' twice")
    path = rezipped(saved / "whole.keras", saved / "n.keras", lambda m: None)
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "elsewhere")
    refused(path, "would lie outside")


def external_link(file, folder):
    file["outside"] = h5py.ExternalLink(str(folder / "canary.h5"), "numbers")


def soft_link(file, folder):
    file["soft"] = h5py.SoftLink("/model_weights")


def hard_loop(file, folder):
    file["model_weights"]["loop"] = file["model_weights"]


def external_storage(file, folder):
    file.create_dataset("far", (5,), "u1", external=[(str(folder / "canary.bin"), 0, 5)])


def virtual(file, folder):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "canary.h5"), "numbers", (4,))
    file.create_virtual_dataset("virtual", layout)


def shape_bomb(file, folder):
    file.create_dataset("bomb", (2**28,), "f4", chunks=(2**20,))


def reference(file, folder):
    file.create_dataset("reference", data=np.array([file["model_weights"].ref], h5py.ref_dtype))


def compound(file, folder):
    file.create_dataset("pairs", data=np.zeros(3, [("a", "f4"), ("b", "i8")]))


def steering_name(file, folder):
    file.create_group("a\x1b[31m")


ODD = {
    external_link: "is a link .ExternalLink.", soft_link: "is a link .SoftLink.",
    hard_loop: "holds itself", external_storage: "lie in another file",
    virtual: "lie in another file", shape_bomb: "far more than it stores",
    reference: "not numbers", compound: "not numbers", steering_name: "control character",
}  # fmt: skip


@pytest.mark.parametrize("change", ODD, ids=lambda change: change.__name__)
def test_what_an_hdf5_file_may_not_hold(saved, change):
    (saved / "canary.bin").write_bytes(b"12345")
    with h5py.File(saved / "canary.h5", "w") as file:
        file["numbers"] = np.arange(4, dtype="f4")
    with h5py.File(saved / "whole.h5", "a") as file:
        change(file, saved)
    refused(saved / "whole.h5", ODD[change])


def test_flipped_bytes_end_in_a_sentence(saved, network):
    """Some flips change a weight, which no format notices; the others must end in a sentence."""
    content = np.frombuffer((saved / "whole.h5").read_bytes(), np.uint8)
    rng = np.random.default_rng(3)
    opened = 0
    for number in range(15):
        flipped = content.copy()
        at = rng.integers(0, len(content), 3)
        flipped[at] ^= rng.integers(1, 256, 3).astype(np.uint8)
        path = saved / f"flipped{number}.h5"
        path.write_bytes(flipped.tobytes())
        try:
            opened += open_keras(path).count_params() > 0
        except InputError as error:
            assert str(path) in str(error) and "Traceback" not in str(error)
    assert opened < 15


CHILDREN = {
    "hangs": ("while True: pass", "signal|did not end"),
    "waits": ("import time; time.sleep(60)", "did not end within"),
    "crashes": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
    "fills memory": ("x = bytearray(2**42)", "an error"),
    "writes nothing": ("pass", "an error"),
}


@pytest.mark.parametrize("case", CHILDREN)
def test_a_parser_that_hangs_or_crashes_is_a_damaged_file(saved, monkeypatch, case):
    program, message = CHILDREN[case]
    child = saved / "child.py"
    child.write_text(program)
    monkeypatch.setattr(hdf5_checks, "_COPY", child)
    monkeypatch.setattr(hdf5_checks, "SECONDS", 1)
    monkeypatch.setattr(hdf5_checks, "PATIENCE", 2)
    refused(saved / "whole.h5", f"is damaged.*({message})")


def test_a_copy_holds_the_same_arrays_and_attributes(tmp_path):
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["text"] = "µ" * 100_000
        file.attrs["names"] = np.array([b"a", b"bc"])
        file.create_dataset("g/x", data=rng.normal(size=(70, 3, 11)), compression="gzip")
        file["g/none"] = np.zeros((0, 5), "f4")
        file["g/one"] = np.float16(3)
        file["optimizer/x"] = np.ones(13)
    assert copy_hdf5(tmp_path / "a.h5", tmp_path / "b.h5", "file") == 70 * 3 * 11 + 0 + 1
    with h5py.File(tmp_path / "a.h5") as a, h5py.File(tmp_path / "b.h5") as b:
        assert b.attrs["text"] == a.attrs["text"]
        np.testing.assert_array_equal(b.attrs["names"], a.attrs["names"])
        for name in ("g/x", "g/none", "g/one"):
            assert a[name].dtype == b[name].dtype and a[name].shape == b[name].shape
            np.testing.assert_array_equal(a[name][()], b[name][()])
        assert set(b) == {"g"}


@keras.saving.register_keras_serializable("mine")
class Doubled(layers.Layer):
    """A layer of the user's own."""

    def call(self, inputs):
        return inputs * 2


def test_a_layer_of_ones_own_is_named(tmp_path):
    sequence = keras.Input((20, 4))
    model = keras.Model(sequence, layers.Flatten()(Doubled(name="twice")(sequence)))
    for name in ("m.keras", "m.h5"):
        model.save(tmp_path / name)
        refused(
            tmp_path / name, "layer 'twice' is of the class .*Doubled.* no code for it.*; build"
        )


def older(members, version="2.15.0"):
    members["metadata.json"] = json.dumps({"keras_version": version}).encode()
    config = json.loads(members["config.json"])
    config["config"]["layers"][1]["class_name"] = "TFOpLambda"
    members["config.json"] = json.dumps(config).encode()


def test_a_file_of_an_older_keras(saved):
    path = rezipped(saved / "whole.keras", saved / "m.keras", older)
    refused(path, r"saved by Keras 2\.15\.0.*TFOpLambda.*save it again")
    with h5py.File(saved / "whole.h5", "a") as file:
        file.attrs["keras_version"] = "2.4.0"
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][1]["config"]["time_major"] = False
        file.attrs["model_config"] = json.dumps(config)
    refused(saved / "whole.h5", r"saved by Keras 2\.4\.0")


def test_weights_that_do_not_fit_the_architecture(saved):
    def wider(members):
        config = json.loads(members["config.json"])
        config["config"]["layers"][1]["config"]["filters"] = 9
        members["config.json"] = json.dumps(config).encode()

    refused(rezipped(saved / "whole.keras", saved / "m.keras", wider), "do not fit|cannot build")
