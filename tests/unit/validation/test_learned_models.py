"""What a network learned from the laboratory: planting, measuring, and every score."""

import numpy as np
import pandas as pd
import pytest

from giaflow import validation
from giaflow.base.alphabet import encode, reverse_complement
from giaflow.validation.calibration import learned_models
from giaflow.validation.oracles.simulation import measurement, planted


@pytest.mark.parametrize("name", ["LabR", "LabD"])
def test_planted_motifs_stand_where_the_table_says(name):
    oracle, n = validation.load(name), 1201
    codes, sites = planted(oracle, n, np.random.default_rng(0))
    assert codes.shape == (n, oracle.length)
    texts = {motif.name: motif.rows.argmax(axis=1) for motif in oracle.motifs}
    whole, folded = 0, 0
    for site in sites.to_dict("records"):
        found = codes[site["sequence"], site["start"] : site["end"]]
        found = found if site["strand"] == "+" else reverse_complement(found)
        whole += np.array_equal(found, texts[site["motif"]])
        around = codes[site["sequence"], site["from"] : site["to"]]
        stem = site["start"] - site["from"]
        # The other arm of a hairpin; a site alone has none.
        folded += bool(stem) and np.array_equal(
            around[len(around) - stem :], reverse_complement(around[:stem])
        )
    # A crowded sequence of 41 letters may lose a site; of 200 letters none does.
    assert whole > 0.97 * len(sites) if name == "LabR" else whole == len(sites)
    assert (folded > 0.15 * len(sites)) == (name == "LabR")
    per = sites.groupby("sequence").size()
    assert per.max() == 3 and 0.3 < len(per) / n < 0.45
    assert set(sites["strand"]) == ({"+"} if name == "LabR" else {"+", "-"})


def test_measurements_have_the_noise_asked_for(rng):
    oracle = validation.load("LabD")
    codes, _ = planted(oracle, 2003, rng)
    truth = oracle.predict(codes)
    noise = measurement(oracle, codes, 0.2, rng) - truth
    assert noise.std(axis=0) / truth.std(axis=0) == pytest.approx([0.2, 0.2], rel=0.1)
    assert np.array_equal(measurement(oracle, codes, 0.0, rng), truth)


SITES = pd.DataFrame(
    [[4, "A", 3, 6, "+", 3, 6], [4, "V", 9, 11, "+", 7, 13], [8, "B", 0, 2, "+", 0, 2]],
    columns=["sequence", "motif", "start", "end", "strand", "from", "to"],
)


def test_stems_and_motifs_of_other_targets_count_neither_way():
    inside, counts = learned_models.planted_positions(SITES, np.array([8, 4, 5]), 17, {"A", "V"})
    assert np.flatnonzero(inside[1]).tolist() == [3, 4, 5, 9, 10]
    assert np.flatnonzero(~counts[1]).tolist() == [7, 8, 11, 12]
    assert not inside[[0, 2]].any()
    assert np.flatnonzero(~counts[0]).tolist() == [0, 1] and counts[2].all()


def test_attributions_are_scored_by_sequence():
    inside, counts = learned_models.planted_positions(SITES, np.array([4, 5]), 17, {"A", "V"})
    right = inside + np.linspace(0, 0.5, 34).reshape(2, 17)
    table = learned_models.attribution("ism", "R", right, inside, counts, judged=True)
    assert table["value"].tolist() == [1, 1] and table["passed"].all()
    assert table["design"].iloc[0] == "ism on R, 1 sequences"
    wrong = learned_models.attribution("ism", "R", -right, inside, counts, judged=True)
    assert wrong["value"].iloc[0] == 0 and not wrong["passed"].iloc[0]
    told = learned_models.attribution("saliency", "R", -right, inside, counts, judged=False)
    assert told["passed"].all()


@pytest.mark.parametrize(("name", "turned"), [("LabR", False), ("LabD", True)])
def test_a_motif_is_recovered_shifted_and_on_the_other_strand(name, turned):
    motif = validation.load(name).motifs[0]
    letters = motif.rows.argmax(axis=1)
    counts = np.full((len(letters) + 5, 4), 25.0)
    counts[3 : 3 + len(letters)] = 100 * np.eye(4)[letters] + 1
    found = learned_models.recovery(motif, [np.ones((4, 4)), counts])
    assert found["value"].item() > 0.9 and found["passed"].item()
    other = learned_models.recovery(motif, [counts[::-1, ::-1]])
    assert other["passed"].item() == turned
    assert learned_models.recovery(motif, [])["value"].item() == 0


def test_model_error_is_a_share_of_the_strongest_motif():
    table = learned_models.model_error(
        "embed", np.array([4.0, 1, 0]), np.array([5.0, 1, 0]), "R", 5.0
    )
    values = dict(zip(table["check"], table["value"], strict=True))
    assert values["model error, share of the strongest motif"] == pytest.approx(1 / 5 / 3**0.5)
    assert values["effects, r with the truth"] > 0.99
    assert len(learned_models.model_error("two", np.ones(2), np.ones(2), "R", 5.0)) == 1


def test_contributions_are_those_of_the_observed_letters():
    codes = encode("ACGU")[None]
    scores = np.arange(16.0).reshape(1, 4, 4)
    assert learned_models.contributions_of(codes, scores).tolist() == [[0, 5, 10, 15]]
