"""Coordinates in the names of records: every tool's form, and spans that are not the record's."""

import pytest

from giaflow.base.checks import InputError
from giaflow.io.fasta import load_sequences
from giaflow.sequences.places import NOWHERE, Place
from giaflow.sequences.record_names import place_of


@pytest.mark.parametrize(
    ("title", "coordinates", "expected"),
    [
        # bedtools getfasta, with and without -name and -s.
        ("chr1:100-160", "zero_based", ("chr1", ".")),
        ("chr1:100-160(+)", "zero_based", ("chr1", "+")),
        ("chr1:100-160(-)", "zero_based", ("chr1", "-")),
        ("chr1:100-160(.)", "zero_based", ("chr1", ".")),
        ("chr1:100-160()", "zero_based", ("chr1", ".")),
        ("peak1::chr1:100-160(+)", "zero_based", ("chr1", "+")),
        ("::chr1:100-160(-)", "zero_based", ("chr1", "-")),
        ("a:b::c::chr1:100-160", "zero_based", ("chr1", ".")),
        ("chr1:100-160 a description", "zero_based", ("chr1", ".")),
        ("chr1:100-160\tchr9:1-2", "zero_based", ("chr1", ".")),
        # samtools faidx, with -i; genome browsers.
        ("chr1:101-160", "one_based", ("chr1", ".")),
        ("chr1:101-160/rc", "one_based", ("chr1", "-")),
        ("chr1:101-160(-)", "one_based", ("chr1", "-")),
        # Contigs whose names hold colons, or look like a window themselves.
        ("HLA-A*01:01:01:01:100-160", "zero_based", ("HLA-A*01:01:01:01", ".")),
        ("p::HLA-A*01:01:01:01:101-160", "one_based", ("HLA-A*01:01:01:01", ".")),
        ("22:2000-3000:100-160(-)", "zero_based", ("22:2000-3000", "-")),
        # Formats that count from 1 in any case.
        ("hg38_dna range=chr1:101-160 5'pad=0 3'pad=0 strand=- repeatMasking=none", "zero_based",
         ("chr1", "-")),
        ("hg38_dna range=chr1:101-160 strand=+", "one_based", ("chr1", "+")),
        ("chromosome:GRCh38:X:101:160:-1", "zero_based", ("X", "-")),
        ("chromosome:GRCh38:X:101:160:1", "one_based", ("X", "+")),
    ],
)  # fmt: skip
def test_every_form_gives_the_same_place(title, coordinates, expected):
    contig, strand = expected
    assert place_of(title, 60, "record", coordinates) == Place(contig, 100, 160, strand)
    assert place_of(title, 60, "record", "none") == NOWHERE


@pytest.mark.parametrize("written", ["chr1:1,000,101-1,000,160", "chr1:1000101-1000160"])
def test_thousands_separators(written):
    assert place_of(written, 60, "r", "one_based") == Place("chr1", 1000100, 1000160, ".")


def test_the_first_and_the_only_letter():
    assert place_of("c:1-1", 1, "r", "one_based") == place_of("c:0-1", 1, "r")


@pytest.mark.parametrize(
    "title",
    ["chr1:5", "chr1", "x:1-2-3", "chr1:a-b", "peak1(-)", "chr1:1,00-1,60", ":1-61", "a x:100-160"],
)
@pytest.mark.parametrize("coordinates", ["zero_based", "one_based"])
def test_other_names_have_no_coordinates(title, coordinates):
    assert place_of(title, 60, "r", coordinates) == NOWHERE


@pytest.mark.parametrize(
    ("title", "letters", "coordinates", "message"),
    [
        ("chrA:101-160", 60, "zero_based", r"spans 59 letters, counted from 0, but the record has "
         r"60; positions are probably counted from 1.*coordinates: one_based; or set coordinates: "
         r"none"),
        ("chrA:101-101", 1, "zero_based", r"spans 0 letters.* coordinates: one_based"),
        ("chrA:100-160", 60, "one_based", r"spans 61 letters, counted from 1.*coordinates: zero_"),
        ("chrA:0-59", 60, "one_based", r"starts at 0, but positions counted from 1 start at 1"),
        ("chrA:0-60", 60, "one_based", r"starts at 0"),
        ("chrA:100-300(-)", 60, "zero_based", r"spans 200 letters.*another window was probably"),
        ("chrA:160-100", 60, "zero_based", r"spans -60 letters"),
        ("x range=c:101-161", 60, "zero_based", r"spans 61 letters.*another window"),
        (f"c:{2**63}-{2**63 + 60}", 60, "zero_based", r"too large"),
    ],
)  # fmt: skip
def test_a_span_that_is_not_the_record_s_is_refused(title, letters, coordinates, message):
    with pytest.raises(InputError, match=rf"^FASTA f.fa, record 'r': .*{message}"):
        place_of(title, letters, "FASTA f.fa, record 'r'", coordinates)


def test_a_file_of_one_based_names_is_refused_or_read_as_the_study_says(tmp_path):
    one, two = tmp_path / "one.fa", tmp_path / "two.fa"
    one.write_text(">chrA:101-105\nACGTA\n>peak\nAC\n")
    two.write_text(">u range=chrB:11-13 strand=-\nggN\n")
    with pytest.raises(InputError, match=r"one\.fa, record 'chrA:101-105': its name spans 4"):
        load_sequences([one, two], 6, "keep", pad=True)
    _, _, columns, _ = load_sequences([one, two], 6, "keep", True, "one_based")
    assert columns["name"] == ["chrA:101-105", "peak", "u"]
    assert columns["chrom"] == ["chrA", "", "chrB"]
    assert columns["start"] == [100, -1, 10] and columns["end"] == [105, -1, 13]
    assert columns["strand"] == [".", ".", "-"] and columns["before"] == [0, 2, 1]
    _, _, columns, _ = load_sequences([one, two], 6, "keep", True, "none")
    assert set(columns["chrom"]) == {""}
