"""Alleles on their own sequences and on backgrounds, from the file to the table."""

import gzip

import numpy as np
import pytest
from bench import conditions_of, one, pick, run, uniform
from hypothesis import given
from hypothesis import strategies as st
from test_single import counting, linear

from giaflow.base.alphabet import decode, encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.edits.variants import place
from giaflow.io.variants import Variant, read_variants
from giaflow.sequences.places import Places
from giaflow.statistics.contrasts import Contrast
from giaflow.statistics.stopping_rule import grow

LENGTH = 47
VCF = """##fileformat=VCFv4.3
##source=test
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
chr1\t111\trs1\tA\tG,c\t.\tPASS\t.
chr1\t113\t.\tGT\tCA\t.\t.\t.
chr1\t113\t.\tGT\tG\t.\t.\t.
chr1\t120\t.\tA\t<DEL>\t.\t.\t.
chr2\t9\tx\tN\tA\t.\t.\t.
"""


def write(tmp_path, text, name="v.vcf"):
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return str(path)


@pytest.mark.parametrize("name", ["v.vcf", "v.vcf.gz"])
def test_a_vcf_counts_from_one_and_the_variants_from_zero(name, tmp_path):
    found, left_out = read_variants(write(tmp_path, VCF, name))
    rows = [(one.chrom, one.pos, one.ref, one.alt, one.id) for one in found]
    assert rows == [
        ("chr1", 110, "A", "G", "rs1"),
        ("chr1", 110, "A", "C", "rs1"),
        ("chr1", 112, "GT", "CA", ""),
    ]
    assert left_out == 3
    assert found[0].where.endswith(f"{name} line 4")
    assert found[0].name == "chr1:110 A>G"


def test_a_table_counts_from_zero(tmp_path):
    text = "# note\nref\talt\tchrom\tpos\tmore\nU\tA\tseq 1\t0\tx\n"
    (found,), left_out = read_variants(write(tmp_path, text))
    assert (found[:5], left_out) == (("seq 1", 0, "T", "A", ""), 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (VCF.replace("\t111\t", "\t0\t"), "VCF .* line 4: pos '0' is not a whole number, 1 or gr"),
        (VCF.replace("\t111\t", "\t1e2\t"), "line 4: pos '1e2' is not a whole number"),
        (VCF.replace("A\tG,c", "A\tA"), "line 4: alt A is the reference"),
        (VCF.replace("A\tG,c", "A\tG,G"), "line 4: A>G at this place is given again"),
        (VCF.replace("\tGT\tCA", "\tG-\tCA"), r"line 5: ref 'G-' is not written in A, C, G, T"),
        (VCF.replace("\t.\tGT\tCA\t.\t.\t.", ""), "line 5: 2 columns, but 5 are needed"),
        (VCF.replace("\tA\tG,c", "\tA\tG,"), "line 4: an alt is empty"),
        (VCF.replace("\tA\tG,c", "\tA\t"), "line 4: an alt is empty"),
        (VCF.replace("\tPASS\t.", "\tPASS"), "line 4: 7 columns, but the header has 8"),
        (VCF.replace("111", "9" * 5000), "line 4: pos 999999999999999999... is too large"),
        (VCF.replace("\tID\tREF", "\tREF\tID"), "line 3: the header must begin with #CHROM, POS"),
        ("chrom\tpos\tref\talt\nchr1\t1\tA\tC\tG\n", "line 2: 5 columns, but the header has 4"),
        ("##fileformat=VCF\nchr1\t1\t.\tAC\tA\n", r"holds no variant .* \(1 of another length\)"),
        ("chrom\tposition\tref\talt\n", "must have one column 'pos'; it has .*'position'"),
        ("chrom\tpos\tref\talt\nchr1\t-1\tA\tC\n", "table .* line 2: pos '-1' is not a whole"),
    ],
)
def test_a_faulty_row_is_named(text, message, tmp_path):
    with pytest.raises(InputError, match=message) as caught:
        read_variants(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def sets(codes, chrom="chr1", starts=(100,), strands=("+",)):
    """Names and places of sequences with coordinates."""
    names = [f"{chrom}:{start}-{start + LENGTH}" for start in starts]
    ends = [start + LENGTH for start in starts]
    columns = {"chrom": [chrom] * len(codes), "start": starts, "end": ends}
    return names, Places.of(columns | {"strand": list(strands)})


def variant(chrom, pos, ref, alt):
    return Variant(chrom, pos, ref, alt, "", "VCF v.vcf line 7")


@given(st.integers(0, LENGTH - 3), st.integers(1, 3), st.booleans())
def test_alleles_stand_where_the_genome_has_them(at, width, reverse):
    rng = np.random.default_rng(at)
    genome = uniform(rng, 1, LENGTH)[0]
    codes = (reverse_complement(genome) if reverse else genome)[None]
    ref = decode(genome[at : at + width])
    alt = decode(3 - encode(ref))
    columns = sets(codes, strands=("-" if reverse else "+",))
    [(first, second)] = place([variant("chr1", 100 + at, ref, alt)], codes, *columns)
    assert (first.own == codes[0]).all()
    changed = genome.copy()
    changed[at : at + width] = encode(alt)
    assert (second.own == (reverse_complement(changed) if reverse else changed)).all()
    assert (first.own != second.own).nonzero()[0].tolist() == list(range(first.start, first.stop))


def test_the_sequence_with_the_variant_nearest_its_middle_is_its_own(rng):
    codes = np.zeros((3, LENGTH), np.uint8)
    codes[:, 1] = 1, 2, 3
    columns = sets(codes, starts=(100, 110, 130), strands="+++")
    [(allele, _)] = place([variant("chr1", 135, "A", "G")], codes, *columns)
    assert allele.own[1] == 2
    # Without coordinates the name of the sequence is where it is.
    no = Places.of({"chrom": [""] * 3, "start": [-1] * 3, "end": [-1] * 3, "strand": ["."] * 3})
    [(allele, _)] = place([variant("s2", 40, "A", "G")], codes, ["s1", "s2", "s3"], no)
    assert (allele.own[1], allele.start) == (2, 40)


@pytest.mark.parametrize(
    ("pos", "ref", "message"),
    [
        (110, "C", r"^VCF v.vcf line 7: variant chr1:110 C>T has the reference C, but sequence "
         r"chr1:100-147 holds A there$"),
        (106, "C", "holds A there; one position before it is: are positions counted from 1"),
        (999, "C", r"none of 1 variants lies in a sequence; the first is chr1:999 C>T"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("strand", "+-")
def test_a_reference_that_the_sequence_lacks_names_variant_file_and_line(strand, pos, ref, message):
    genome = np.zeros(LENGTH, np.uint8)
    genome[5] = 1
    codes = (reverse_complement(genome) if strand == "-" else genome)[None]
    with pytest.raises(InputError, match=message):
        place([variant("chr1", pos, ref, "T")], codes, *sets(codes, strands=strand))


def pairs(rng, spots=(("G", 3), ("TC", 21), ("A", 44))):
    """Variants on a sequence of their own, references from it; and that sequence."""
    own = uniform(rng, 1, LENGTH)
    variants = []
    for alt, at in spots:
        own[0, at : at + len(alt)] = 3 - encode(alt)
        ref = decode(own[0, at : at + len(alt)])
        variants.append(variant("chr1", 100 + at, ref, alt))
    return place(variants, own, *sets(own)), own


def table_of(model, codes, alleles, **settings):
    settings = {"variants": ["v.vcf"], "sequences": ["s"], **settings}
    return run("variants", settings, model, codes, alleles)


def test_alleles_of_a_linear_model_differ_by_their_weights_in_each_place(rng):
    model, weights = linear(rng)
    alleles, own = pairs(rng)
    table = table_of(model, uniform(rng, 61, LENGTH), alleles, flank=4, start=20)
    rows = pick(table, estimand="variant_effect", target="two")
    assert rows["pos"].tolist()[::2] == [103, 121, 144]
    for (first, second), name in zip(alleles, rows["variant"].unique(), strict=True):
        alt, ref = (each.own[first.start : first.stop] for each in (second, first))
        for arm, at, n in (("own sequence", first.start, 1), ("backgrounds", 20, 60)):
            row = one(rows, variant=name, arm=arm)
            places = np.arange(at, at + len(alt))
            expected = (weights[places, alt, 1] - weights[places, ref, 1]).sum()
            assert row.n == n
            assert row.estimate == pytest.approx(expected, abs=1e-5)
            assert np.isnan(row.ci_low) == (n == 1)
            assert ("too_few" in row.flags) == (n == 1)
    level = pick(table, estimand="level", target="two", arm="own sequence")["estimate"]
    assert level.tolist() == pytest.approx([model.predict(own)[0, 1]] * 3, abs=1e-4)


def test_a_word_that_needs_more_than_the_flanks_counts_on_its_own_sequence_alone(rng):
    own = np.zeros((1, LENGTH), np.uint8)
    own[0, 10:18] = encode("CCGACCGG")
    alleles = place([variant("chr1", 113, "A", "T")], own, *sets(own))
    codes = np.full((9, LENGTH), 3, np.uint8)
    for flank, expected in ((3, 0.0), (4, 1.0)):
        table = table_of(counting({"CCGTCCGG": 1.0}), codes, alleles, flank=flank)
        rows = pick(table, estimand="variant_effect", target="one").set_index("arm")["estimate"]
        assert rows.to_dict() == {"own sequence": 1.0, "backgrounds": expected}


def test_flanks_end_with_the_sequence(rng):
    alleles, _ = pairs(rng)
    settings = {"variants": ["v.vcf"], "sequences": ["s"], "flank": 10}
    _, conditions = conditions_of("variants", settings, LENGTH, alleles)
    codes = np.full((2, LENGTH), 4, np.uint8)
    written = [np.flatnonzero(c.apply(codes)[1] < 4) for c in conditions[::2]]
    # The allele's first letter stands at 23; 3 letters lie before the first variant.
    assert [(w[0], w[-1]) for w in written] == [(20, 33), (13, 34), (13, 25)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"flank": 24}, "start=23 with flank=24 needs positions -1..47, but .* length 47"),
        ({"start": 40}, "start=40 with flank=10 needs positions 30..50"),
    ],
)
def test_flanks_that_do_not_fit_are_refused_before_variants_are_known(settings, message):
    with pytest.raises(InputError, match=message):
        conditions_of("variants", {"variants": ["v"], "sequences": ["s"], **settings}, LENGTH)


def test_one_sequence_does_not_keep_backgrounds_from_being_enough():
    def predict(start, stop):
        return np.ones((2, stop - start, 1), np.float32), np.zeros((stop - start, 1), np.float32)

    weights = {0: 1.0, 1: -1.0}
    listed = [Contrast({}, weights, first=True), Contrast({}, weights, first=False)]
    assert grow(predict, listed, 1000, 0.1)[0].shape[1] == 400
