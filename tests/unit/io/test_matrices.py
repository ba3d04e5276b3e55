"""Motif files and JASPAR: every format gives the same matrix, and every fault its line."""

import contextlib
import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyjaspar import jaspardb

from giaflow.base.checks import InputError
from giaflow.io.matrices import jaspar_matrix, matrix_of, read_matrix
from giaflow.io.motifs import write_meme

COUNTS = np.array([[1, 0, 2, 7], [3, 3, 3, 1], [0, 0, 10, 0]], float)
PFM = "A [ 1 3 0 ]\nC [ 0 3 0 ]\nG [ 2 3 10 ]\nT [ 7 1 0 ]\n"
FORMATS = {
    "meme": "MEME version 4\n\nALPHABET= ACGU\n\nMOTIF M1 name\n"
    "letter-probability matrix: alength= 4 w= 3 nsites= 10 E= 0\n"
    "0.1 0 0.2 0.7\n0.3 0.3 0.3 0.1\n0 0 1 0\nURL here\n\nMOTIF M2\n"
    "letter-probability matrix: alength= 4\n1 0 0 0\n",
    "jaspar": f">M1 name\n{PFM}>M2 other\n1\n0\n0\n0\n",
    "turned": ">M1\n" + "".join(reversed(PFM.replace("T [", "U [").splitlines(True))),
    "transfac": "AC  M1\nXX\nNA  name\nP0      A      C  G  T\n01      1      0      2      7 T\n"
    "02      3      3      3      1      N\n03 0 0 10 0 G\nXX\n//\nAC M2\nPO A C G T\n"
    "01 1 0 0 0 A\n//\n",
    "rows": "1 3 0\n0 3 0\n2 3 10\n7 1 0\n",
    "columns": "# counts\nA C G T\n1 0 2 7\n3 3 3 1\n0 0 10 0\n",
    "bare columns": "1\t0\t2\t7\n3\t3\t3\t1\n0\t0\t10\t0\n",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_matrix(kind, tmp_path):
    path = tmp_path / "motifs.gz"
    path.write_bytes(gzip.compress(FORMATS[kind].encode()))
    name = None if kind in ("turned", "rows", "columns", "bare columns") else "M1"
    found = read_matrix(path, name)
    np.testing.assert_allclose(found / found.sum(axis=1, keepdims=True), COUNTS / 10)
    if kind in ("meme", "jaspar", "transfac"):
        np.testing.assert_array_equal(read_matrix(path, "M2"), [[1, 0, 0, 0]])


@given(st.lists(st.tuples(*[st.integers(0, 50)] * 4).filter(any), min_size=1, max_size=9))
def test_what_is_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("m") / "x.meme"
    counts = np.array(rows, float)
    write_meme({"x": counts, "y": counts[:1]}, "ACGU", path)
    np.testing.assert_allclose(
        read_matrix(path, "x"), counts / counts.sum(axis=1, keepdims=True), atol=1e-6
    )


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (FORMATS["jaspar"], None, r"holds 2 motifs: name one of M1, M2"),
        (FORMATS["jaspar"], "nome", r"no motif 'nome'; it holds M1, M2; did you mean 'name'\?"),
        (FORMATS["jaspar"].replace("M2", "M1"), "M1", "holds 2 motifs called 'M1'"),
        (FORMATS["rows"], "M1", "no motif 'M1'; it holds motifs without names"),
        ("MEME version 4\n", None, "holds no motif"),
        (FORMATS["meme"].replace("w= 3", "w= 4"), "M1", "line 5: w= 4, but 3 rows"),
        (">M1\n1 2\n3 4\n5 6\n", None, "line 1: 3 rows of 2 numbers; a matrix of nucleotides"),
        ("1 2 3\n4 5 6\n7 8 9\n1 x 2\n", None, "line 4: 'x' is no count or probability"),
        ("1 2 3\n4 5 6\n7 8\n1 1 2\n", None, "line 3: 2 numbers, but 3 above"),
        ("1 2 -3\n4 5 6\n7 8 9\n1 1 2\n", None, "line 1: '-3' is no count"),
        ("1 0 1\n1 0 1\n1 0 1\n1 0 1\n", None, "line 1: position 1 has no counts"),
        ("1 2 3 4\n" * 4, None, "may be letters or positions; start each row with its letter"),
        ("AC x\nP0 C A G T\n01 1 2 3 4\n//\n", None, "line 2: columns must be A, C, G and T"),
        (">M1\n", None, "line 1: 0 rows of 0 numbers"),
        ("\n", None, "is empty"),
    ],
)
def test_a_fault_is_one_sentence_with_its_line(text, name, message, tmp_path):
    path = tmp_path / "m.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_matrix(path, name)
    assert "\n" not in str(caught.value)


def test_jaspar_without_a_network():
    first = jaspar_matrix("MA0142.1", "JASPAR2024")
    assert first.shape == (15, 4)
    assert first[0].tolist() == [63, 846, 66, 389]
    latest = matrix_of(jaspar="MA0139")
    assert not np.array_equal(latest, jaspar_matrix("MA0139.1"))


def test_every_vertebrate_matrix_of_the_newest_release_opens():
    database = jaspardb("JASPAR2026")
    with contextlib.closing(database.conn):
        found = database.fetch_motifs(collection="CORE", tax_group="vertebrates")
    assert len(found) == 1019
    for motif in found[::53]:
        matrix = jaspar_matrix(motif.matrix_id, "JASPAR2026")
        assert matrix.shape == (motif.length, 4)
        assert (matrix.sum(axis=1) > 0).all()


@pytest.mark.parametrize(
    ("identifier", "release", "message"),
    [
        ("MA0142.9", None, r"no matrix 'MA0142.9' in JASPAR2026; there are MA0142.1"),
        (
            "ctcf",
            "JASPAR2024",
            r"no matrix 'ctcf' in .*; the matrices of CTCF are MA0139.1",
        ),
        ("MA99999", None, r"no matrix 'MA99999' in JASPAR2026; did you mean 'MA"),
        ("MA0142.1", "JASPAR2025", "unknown JASPAR release 'JASPAR2025'; .*did you mean"),
    ],
)
def test_an_unknown_jaspar_matrix_names_the_nearest(identifier, release, message):
    with pytest.raises(InputError, match=message):
        jaspar_matrix(identifier, release)
