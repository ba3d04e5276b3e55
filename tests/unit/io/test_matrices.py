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


HOMER = ">{}\t{}\t5.18\t-342.0\t0\tT:223.0(48.7%),B:23.3(5.5%)\n{}"
CISBP = (
    "TF\tT1\nTF Name\t{}\nGene\tg\nMotif\tM00001_2.00\nFamily\tf\nSpecies\ts\nPos\tA\tC\tG\tT\n{}"
)
TRANSFAC = "ID {}\nBF x\nP0      A      C      G      T\n{}XX\n"


def of_positions(matrix, number=False):
    """Rows of a file, one for each position."""
    rows = [[f"{value:.17g}" for value in row] for row in matrix]
    return "".join(
        "\t".join([*([str(i)] if number else []), *row]) + "\n" for i, row in enumerate(rows, 1)
    )


counts = st.lists(st.tuples(*[st.integers(0, 50)] * 4).filter(any), min_size=1, max_size=7)


@given(counts, counts)
def test_files_with_a_row_for_each_position_are_read_whatever_the_width(
    tmp_path_factory, first, second
):
    """Squares too: HOMER, CIS-BP and TRANSFAC say by their marks what a row is."""
    path = tmp_path_factory.mktemp("m") / "motifs.txt"
    first, second = np.array(first, float), np.array(second, float)
    one, two = (each / each.sum(axis=1, keepdims=True) for each in (first, second))
    text = HOMER.format("N" * len(one), "a(Zf)/x", of_positions(one))
    path.write_text(text + HOMER.format("A" * len(two), "b", of_positions(two)))
    np.testing.assert_allclose(read_matrix(path, "a"), one)
    np.testing.assert_allclose(read_matrix(path, "b"), two)
    path.write_text(
        CISBP.format("x", of_positions(one, True)) + CISBP.format("y", of_positions(two, True))
    )
    np.testing.assert_allclose(read_matrix(path, "x"), one)
    np.testing.assert_allclose(read_matrix(path, "y"), two)
    path.write_text(
        "".join(TRANSFAC.format(n, of_positions(m, True)) for n, m in (("x", first), ("y", second)))
    )
    np.testing.assert_allclose(read_matrix(path, "x"), first)
    np.testing.assert_allclose(read_matrix(path, "y"), second)


@given(counts, counts)
def test_cluster_buster_files_of_biopython_are_read(tmp_path_factory, first, second):
    from Bio.motifs import Motif, clusterbuster, write

    path = tmp_path_factory.mktemp("m") / "motifs.cb"
    written = []
    for name, rows in (("one", first), ("two", second)):
        columns = {letter: [row[i] for row in rows] for i, letter in enumerate("ACGT")}
        motif = Motif(alphabet="ACGT", counts=columns)
        motif.name = name
        written.append(motif)
    path.write_text(write(written, "clusterbuster"))
    with path.open() as stream:
        assert len(clusterbuster.read(stream)) == 2
    for name, rows in (("one", first), ("two", second)):
        key = {"rows": "positions"} if len(rows) == 4 else {}
        np.testing.assert_array_equal(read_matrix(path, name, **key), np.array(rows, float))


@given(counts, st.integers(0, 1), st.booleans(), st.booleans())
def test_numbers_of_positions_are_never_counts(tmp_path_factory, rows, first, header, name):
    """Without a header, four rows of five numbers may also be letters: then equal sums tell."""
    path = tmp_path_factory.mktemp("m") / "m.txt"
    matrix = np.array(rows, float)
    lines = [f"{first + i} " + " ".join(map(str, row)) for i, row in enumerate(rows)]
    above = [">m"] * name + ["A C G T"] * header
    path.write_text("\n".join([*above, *lines]) + "\n")
    np.testing.assert_array_equal(read_matrix(path, rows="positions"), matrix)
    if header or len(rows) != 4:
        np.testing.assert_array_equal(read_matrix(path), matrix)
        return
    letters = np.array([line.split() for line in lines], float).T
    try:
        found = read_matrix(path)
    except InputError as error:
        assert "rows: letters or rows: positions beside file" in str(error)
        return
    positions = np.ptp(matrix.sum(axis=1)) <= 0.01 * matrix.sum(axis=1).max()
    np.testing.assert_array_equal(found, matrix if positions else letters)


def test_four_numbered_rows_are_positions_letters_or_refused(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text("1 0 0 0 9\n2 0 0 9 0\n3 9 0 0 0\n4 0 9 0 0\n")
    expected = 9 * np.eye(4)[[3, 2, 0, 1]]
    np.testing.assert_array_equal(read_matrix(path), expected)
    # As letters: five positions of ten counts each.
    path.write_text("1 0 9 2 3\n2 9 0 2 3\n3 0 1 3 2\n4 1 0 3 2\n")
    np.testing.assert_array_equal(
        read_matrix(path),
        [[1, 2, 3, 4], [0, 9, 0, 1], [9, 0, 1, 0], [2, 2, 3, 3], [3, 3, 2, 2]],
    )
    path.write_text("1 5 9 2 3\n2 9 0 2 3\n3 0 1 3 2\n4 1 0 3 2\n")
    with pytest.raises(InputError, match="may be counts, or number the positions; say which"):
        read_matrix(path)


def test_a_consensus_before_the_rows_is_not_taken_for_their_letter(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text("T 0 1 1 7\nG 0 0 9 0\nA 8 0 1 0\nC 0 9 0 0\n")
    with pytest.raises(InputError, match="may be their own, or a consensus; say which with rows"):
        read_matrix(path)
    rows = np.array([[0, 1, 1, 7], [0, 0, 9, 0], [8, 0, 1, 0], [0, 9, 0, 0]])
    np.testing.assert_array_equal(read_matrix(path, rows="positions"), rows)
    np.testing.assert_array_equal(read_matrix(path, rows="letters"), rows[[2, 3, 1, 0]].T)
    path.write_text(f">M\n{PFM}")
    with pytest.raises(InputError, match="rows: positions contradicts the file"):
        read_matrix(path, rows="positions")


TEXT = {
    "letters behind bars": ">m\nA| 1 3 0\nC | 0 3 0\nG |2 3 10\nT|7 1 0\n",
    "columns named": ">m\nT G C A\n7 2 0 1\n1 3 3 3\n0 10 0 0\n",
    "positions numbered": ">m\nPos A C G U\n0 1 0 2 7\n1 3 3 3 1\n2 0 0 10 0\n",
    "write.table of R": '"A" "C" "G" "T"\n"1" 1 0 2 7\n"2" 3 3 3 1\n"3" 0 0 10 0\n',
    "turned, with numbered columns": "\t1\t2\t3\nA\t1\t3\t0\nC\t0\t3\t0\nG\t2\t3\t10\nT\t7\t1\t0\n",
    "TRANSFAC by STAMP": "DE M x\np0 A C G T\n0 1 0 2 7 T\n1 3 3 3 1 N\n2 0 0 10 0 G\nXX\n",
    "MEME's whole output": "MEME version 5.4.1\nALPHABET= ACGT\nMOTIF TNG MEME-1\twidth =   3  "
    "sites =  10\n\tMotif TNG MEME-1 Description\nlog-odds matrix: alength= 4 w= 3 n= 9\n"
    "-1 -1 0 1\n0 0 0 1\n1 1 1 1\n---\nletter-probability matrix: alength= 4 w= 3 nsites= 10\n"
    " .1 0 .2 .7\n .3 .3 .3 .1\n 0 0 1 0\n---\nTNG\n",
    "MEME, log-odds last": "MEME version 4\nMOTIF 1 width = 3 sites = 10\n"
    "letter-probability matrix: alength=4 w=3\n.1 0 .2 .7\n.3 .3 .3 .1\n0 0 1 0\n\n"
    "log-odds matrix: alength= 4 w= 3\n1 1 0 1\n0 0 0 1\n1 1 1 1\n",
}


@pytest.mark.parametrize("kind", TEXT)
def test_forms_that_tools_write(kind, tmp_path):
    path = tmp_path / "m.txt"
    path.write_text(TEXT[kind])
    found = read_matrix(path)
    np.testing.assert_allclose(found / found.sum(axis=1, keepdims=True), COUNTS / 10)


def test_names_of_transfac_hold_blanks_and_descriptions_stand_in_for_them(tmp_path):
    path = tmp_path / "m.txt"
    body = "P0 A C G T\n01 0 0 0 7\nXX\n"
    path.write_text(f"AC M1\nNA my factor\nDE other words\n{body}DE M2\twords\n{body}")
    for name in ("M1", "my", "my factor", "M2"):
        np.testing.assert_array_equal(read_matrix(path, name), [[0, 0, 0, 7]])
    with pytest.raises(InputError, match="has no motif 'other'; it holds M1, M2"):
        read_matrix(path, "other")
    # An entry without a matrix does not lend its name to the next.
    path.write_text(f"AC M0\nID x\nXX\nAC M1\n{body}")
    with pytest.raises(InputError, match="has no motif 'M0'; it holds M1"):
        read_matrix(path, "M0")


@given(counts, counts, st.sampled_from(["jaspar", "transfac"]))
def test_what_biopython_writes_is_read(tmp_path_factory, first, second, kind):
    from Bio.motifs import jaspar, transfac, write

    path = tmp_path_factory.mktemp("m") / "motifs.txt"
    written = []
    for name, rows in (("MA1.1", first), ("MA2.1", second)):
        columns = {letter: [row[i] for row in rows] for i, letter in enumerate("ACGT")}
        motif = jaspar.Motif(name, name, counts=columns)
        if kind == "transfac":
            motif = transfac.Motif(alphabet="ACGT", counts=columns)
            motif.update({"ID": name})
        written.append(motif)
    path.write_text(write(written, kind))
    np.testing.assert_array_equal(read_matrix(path, "MA1.1"), np.array(first, float))
    np.testing.assert_array_equal(read_matrix(path, "MA2.1"), np.array(second, float))


def test_a_square_is_read_the_way_that_adds_up_or_as_the_user_says(tmp_path):
    path = tmp_path / "square.txt"
    square = np.array([[1, 0, 0, 0], [0, 0.2, 0.8, 0], [0, 0, 0, 1], [0.5, 0.5, 0, 0]])
    for matrix in (square, 20 * square):
        path.write_text(">m\n" + of_positions(matrix))
        np.testing.assert_allclose(read_matrix(path), matrix)
        path.write_text(">m\n" + of_positions(matrix.T))
        np.testing.assert_allclose(read_matrix(path), matrix)
    path.write_text(of_positions(np.eye(4)[[1, 0, 3, 2]] + 1))
    np.testing.assert_allclose(read_matrix(path, rows="positions"), np.eye(4)[[1, 0, 3, 2]] + 1)
    with pytest.raises(InputError, match="rows: letters or rows: positions beside file"):
        read_matrix(path)
    path.write_text(HOMER.format("CATG", "m", of_positions(square)))
    with pytest.raises(InputError, match="rows: letters contradicts the file, whose rows are pos"):
        read_matrix(path, rows="letters")


def test_columns_and_rows_stand_in_any_order_of_letters(tmp_path):
    path = tmp_path / "m.txt"
    for header in (
        "A\tC\tT\tG\n",
        "\tA C T G\n".replace(" ", "\t"),
        "Pos,A,C,T,U\n".replace("U", "G"),
    ):
        body = "1\t0\t7\t2\n" if "Pos" not in header else "1,1,0,7,2\n"
        path.write_text(header + body)
        np.testing.assert_array_equal(read_matrix(path), [[1, 0, 2, 7]])


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (FORMATS["jaspar"], None, r"holds 2 motifs: name one of M1, M2"),
        (FORMATS["jaspar"], "nome", r"no motif 'nome'; it holds M1, M2; did you mean 'name'\?"),
        (
            FORMATS["jaspar"].replace("M2", "M1"),
            "M1",
            r"holds 2 motifs called 'M1' \(lines 1, 6\); rename one",
        ),
        (FORMATS["rows"], "M1", "no motif 'M1'; it holds motifs without names"),
        ("MEME version 4\n", None, "holds no motif"),
        (FORMATS["meme"].replace("w= 3", "w= 4"), "M1", "line 5: w= 4, but 3 rows"),
        (">M1\n1 2\n3 4\n5 6\n", None, "line 1: 3 rows of 2 numbers; a matrix of nucleotides"),
        ("1 2 3\n4 5 6\n7 8 9\n1 x 2\n", None, "line 4: 'x' is not a count or probability"),
        ("1 2 3\n4 5 6\n7 8\n1 1 2\n", None, "line 3: 2 numbers, but 3 above"),
        (
            "1 2 -3\n4 5 6\n7 8 9\n1 1 2\n",
            None,
            "line 1: '-3' is negative; giaflow needs counts or probabilities, not log-odds",
        ),
        ("1 0 1\n1 0 1\n1 0 1\n1 0 1\n", None, "line 1: position 1 has no counts"),
        (
            "1 2 3 4\n2 1 4 3\n3 4 1 2\n4 3 2 1\n",
            None,
            "may be letters or positions; say which with rows: letters or rows: positions",
        ),
        ("AC x\nP0 C A G G\n01 1 2 3 4\n//\n", None, "line 2: columns must be A, C, G and T"),
        (">M1\n", None, "line 1: the motif has no numbers"),
        ("\n", None, "is empty"),
        ("1 2 3 4\n2 1 4 3\n9 9 9 9\n4 3 2 1\n", None, "may be letters or positions"),
        ("1 2_0 3\n4 5 6\n7 8 9\n1 1 2\n", None, "line 1: '2_0' is not a count"),
        ("1 inf 3\n4 5 6\n7 8 9\n1 1 2\n", None, "line 1: 'inf' is not a count"),
        ("Pos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n3\t0\t1\t0\t0\n", None, "line 3: position 3 follows"),
        ("Pos\tA\tC\tG\tT\n", None, "line 1: the motif has no numbers"),
        ("A C G T\n.2 .3 .4 .1\n.2 .3 .4 .4\n.2 .3 .4 .1\n", None, "line 3: position 1 has probab"),
        (">ACG\tn\t5.2\n.1 .2 .3 .4\n.1 .2 .3 .4\n", None, "line 1: w= 3, but 2 rows"),
        (">ACG\tn\t5.2\n.1 .2 .3 .4\nx\n.1 .2 .3 .4\n", None, "line 3: 'x' is not a count"),
        ("ID a\nP0 A C G T\n01 1 2 3 4\n03 1 2 3 4\nXX\n", None, "line 4: position 03 follows"),
        ("ID a\nP0 A C G T\n01 1 2 3 4\nodd\n02 1 2 3 4\nXX\n", None, "line 4: 'odd' is neither"),
        ("ID a\nP0 A C G T\n01 1 2 3 4\nXX\n02 1 2 3 4\n", None, "line 5: a position outside"),
        ("MEME version 4\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n", None, "line 2: ALPHABET= ACDEF"),
        (FORMATS["meme"].replace("URL", "1 0 0 0\nURL"), "M1", "line 10: numbers behind the end"),
        (FORMATS["meme"].replace("0.3 0.3 0.3", "0.3 x 0.3"), "M1", "line 8: 'x' is not a count"),
        (FORMATS["meme"].replace("w= 3", "w=4"), "M1", "line 5: w= 4, but 3 rows"),
        (FORMATS["meme"].replace("alength= 4 w", "alength= 5 w"), "M1", "line 6: alength= 5"),
        (FORMATS["meme"].replace("ACGU", "ACTG"), "M1", "line 3: ALPHABET= ACTG; giaflow reads"),
        ("ID a\nP0 A C G T\n01 1 2 3 4 5 N\nXX\n", None, "line 3: 6 words behind the position"),
        ("ID a\nP0 A C G T\n01 1 2 3 4 5\nXX\n", None, "line 3: 5 words behind the position"),
        ("ID a\nP0 A C G T\n02 1 2 3 4\nXX\n", None, "line 3: the first position is numbered 02"),
        ("ID a\nP0 A C G T\n² 1 2 3 4\nXX\n", None, "line 3: '²' is neither a position"),
        ("Pos A C G T\n7 1 2 3 4\n", None, "line 2: the first position is numbered 7"),
        (f">M\n{PFM}junk\n", None, "line 6: 'junk' begins a row, below rows of A, C, G, T"),
        (f">M\n{PFM.replace('C', 'A')}", None, "line 3: 'A' begins a row, below rows of A"),
        (">M\nA 1 2\nC 3 4\nG 5 6\n", None, "line 1: the motif has no row of T"),
        ("1 ٣ 3\n4 5 6\n7 8 9\n1 1 2\n", None, "line 1: '٣' is not a count"),
        ("1 1e16 3\n4 5 6\n7 8 9\n1 1 2\n", None, "line 1: '1e16' is too large to be a count"),
        ("A C G T\n1 2 3 4\nA C G T\n1 2 3 4\n", None, "holds 2 motifs without names"),
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
