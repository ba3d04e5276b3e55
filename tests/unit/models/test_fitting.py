"""Training: reproducible to the byte, and it learns."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from giaflow.models.training.fitting import masked_loss, masked_square, rescale

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"

TRAIN = """
import sys, hashlib, numpy as np
from pathlib import Path
from giaflow.models.training.architectures import REGISTRY
from giaflow.models.training.fitting import fit, save_network
from giaflow.models.readers.keras_network import KerasModel
from giaflow.base.seeds import generator
from giaflow.models.training.schedule import Course, Schedule
from giaflow.models.training.held_out import auc_table
from giaflow.models.training.examples import epochs

rng = np.random.default_rng(0)
real = rng.integers(0, 4, (150, 37), dtype=np.uint8)
real[:, 11:19] = [0, 3, 2, 1, 0, 0, 0, 3]
architecture = REGISTRY.load("exponential_cnn")
settings = architecture.Settings(filters=6, width=9, hidden=5)
schedule = Schedule(epochs=12, batch=25, learning_rate=0.02)
build = lambda keras: architecture.build(keras, 37, ("t",), settings)
network, losses = fit(build, epochs([real], 0, "m", Course(schedule)), generator(0, "weights"), 25)
save_network(network, Path(sys.argv[1]))
model = KerasModel(network, 37, {"t": 0}, batch=30)
print(losses[0], losses[-1], auc_table(model, {"t": real}, 0, "m", schedule)["auc"].item())
"""


def train(path):
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, str(path)], cwd=WORKFLOW, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [float(word) for word in done.stdout.split()]


def test_training_learns_a_planted_motif_and_repeats_to_the_byte(tmp_path):
    first, last, auc = train(tmp_path / "a.keras")
    assert last < first and auc > 0.9
    train(tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_the_loss_is_cross_entropy_where_there_is_a_label():
    labels = np.array([[1, 0], [-1, 1], [-1, -1]], np.float32)
    logits = np.array([[0.3, -2.0], [50.0, 1.5], [9.0, -9.0]], np.float32)
    p = 1 / (1 + np.exp(-logits.astype(float)))
    expected = [-np.log(p[0, 0]) - np.log(1 - p[0, 1]), -np.log(p[1, 1]), 0]
    assert np.asarray(masked_loss(labels, logits)) == pytest.approx(expected, abs=1e-5)


def test_the_squared_loss_and_its_gradient_pass_over_what_was_not_measured():
    keras = pytest.importorskip("keras")
    import tensorflow as tf

    values = np.array([[1, np.nan], [np.nan, np.nan], [0.5, -2]], np.float32)
    outputs = tf.Variable(np.array([[3, 7], [5, 1], [0.5, 1]], np.float32))
    with tf.GradientTape() as tape:
        loss = masked_square(keras.ops.convert_to_tensor(values), outputs)
        total = keras.ops.sum(loss)
    assert np.asarray(loss).tolist() == [4, 0, 9]
    assert np.asarray(tape.gradient(total, outputs)).tolist() == [[4, 0], [0, 0], [0, 6]]


def test_outputs_are_turned_to_the_unit_of_the_values(rng):
    keras = pytest.importorskip("keras")
    entry = keras.Input((5,))
    network = keras.Model(entry, keras.layers.Dense(2, bias_initializer="ones")(entry))
    x = rng.standard_normal((7, 5)).astype(np.float32)
    before = network.predict(x, verbose=0)
    rescale(network, np.array([10.0, -1]), np.array([2.0, 0.5]))
    assert network.predict(x, verbose=0) == pytest.approx(before * [2, 0.5] + [10, -1], abs=1e-4)


def test_the_weights_of_the_best_epoch_are_kept_not_the_last():
    script = """
import numpy as np
from giaflow.base.alphabet import one_hot
from giaflow.models.training.fitting import fit, masked_square
rng = np.random.default_rng(0)
codes = rng.integers(0, 4, (64, 7), dtype=np.uint8)
values = one_hot(codes)[:, 2, 1:2] * 5
def build(keras):
    entry = keras.Input((7, 4))
    return keras.Model(entry, keras.layers.Dense(1)(keras.layers.Flatten()(entry)))
seen = []
def best(predict):
    seen.append(predict(codes))
    return len(seen) in (1, 3)
drawn = [(codes, values, 0.05)] * 5
network, losses = fit(build, drawn, np.random.default_rng(1), 16, masked_square, best)
last = network.predict(one_hot(codes), verbose=0)
print(len(losses), np.abs(last - seen[2]).max() < 1e-5, np.abs(last - seen[4]).max() > 1e-2)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=WORKFLOW, capture_output=True, text=True
    )
    assert done.stdout.split() == ["5", "True", "True"], done.stderr
