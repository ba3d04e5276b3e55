"""Places: for any strand, padding and naming, letters are those of the genome at their place."""

import csv
import functools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giaflow.attribution.modisco import contributions
from giaflow.base.alphabet import decode, encode, one_hot, reverse_complement
from giaflow.base.checks import InputError
from giaflow.edits.variants import place
from giaflow.io.fasta import load_sequences
from giaflow.io.genome import Genome, about_instances, cut
from giaflow.io.intervals import Interval
from giaflow.io.motifs import write_bed
from giaflow.io.variants import Variant
from giaflow.sequences.pattern_search import matches_by_strand
from giaflow.sequences.places import Places

CONTIG = "HLA-A*01:01:01:01"
GENOME = np.random.default_rng(7).integers(0, 4, 419, dtype=np.uint8)
# How tools name the record of a place: bedtools, with names, UCSC, samtools, browsers.
NAMINGS = {
    "bedtools -s": ("{chrom}:{start}-{end}({strand})", "zero_based"),
    "bedtools -name -s": ("peak_1::{chrom}:{start}-{end}({strand})", "zero_based"),
    "UCSC": ("x range={chrom}:{first}-{end} 5'pad=0 3'pad=0 strand={strand} repeatMasking=none",
             "zero_based"),
    "one-based": ("{chrom}:{first}-{end}({strand})", "one_based"),
    "with commas": ("{chrom}:{first:,}-{end:,}({strand})", "one_based"),
}  # fmt: skip


def written(folder, naming, records):
    """A FASTA file of (start, end, strand) of the genome, and how its names count."""
    form, coordinates = NAMINGS[naming]
    lines = []
    for i, (start, end, strand) in enumerate(records):
        codes = GENOME[start:end]
        text = decode(reverse_complement(codes) if strand == "-" else codes)
        name = form.format(chrom=CONTIG, start=start, first=start + 1, end=end, strand=strand)
        lines += [f">{name.replace('x range', f'x{i} range')}", text]
    path = folder / "records.fa"
    path.write_text("\n".join(lines) + "\n")
    return path, coordinates


spans = st.lists(
    st.tuples(st.integers(0, 380), st.integers(1, 39), st.sampled_from("+-")),
    min_size=1, max_size=5, unique_by=lambda one: one[0],
)  # fmt: skip


@given(st.sampled_from(sorted(NAMINGS)), spans, st.data())
def test_letters_are_those_of_the_genome_at_their_place(tmp_path_factory, naming, spans, data):
    """Of any stretch of an array, hit or variant; padding has no place."""
    records = [(start, start + size, strand) for start, size, strand in spans]
    path, coordinates = written(tmp_path_factory.mktemp("p"), naming, records)
    codes, _, columns, _ = load_sequences([path], 39, "keep", pad=True, coordinates=coordinates)
    places = Places.of(columns)
    assert places.known.all() and set(places.chrom) == {CONTIG}
    row = data.draw(st.integers(0, len(codes) - 1))
    low = data.draw(st.integers(0, 38))
    high = data.draw(st.integers(low + 1, 39))
    hit = data.draw(st.sampled_from("+-"))
    n = len(codes)
    start, end, strand = places.to_genome(np.full(n, low), np.full(n, high), np.full(n, hit))
    letters = codes[row, low:high]
    known = letters[letters < 4]
    there = GENOME[start[row] : end[row]]
    # A hit on the sequence's other strand reads the reverse complement of its letters.
    read = reverse_complement(known) if hit == "-" else known
    assert decode(read) == decode(reverse_complement(there) if strand[row] == "-" else there)
    if len(known) and start[row] < end[row]:
        at = places.to_sequence(row, int(start[row]), int(end[row]))
        found = codes[row, at : at + len(there)]
        assert decode(found) == decode(reverse_complement(there) if places.reverse[row] else there)


@given(st.sampled_from(sorted(NAMINGS)), spans, st.data())
def test_variants_stand_on_the_letters_of_the_genome(tmp_path_factory, naming, spans, data):
    records = [(start, start + size, strand) for start, size, strand in spans]
    path, coordinates = written(tmp_path_factory.mktemp("p"), naming, records)
    codes, _, columns, _ = load_sequences([path], 39, "keep", pad=True, coordinates=coordinates)
    start, end, _ = records[data.draw(st.integers(0, len(records) - 1))]
    at = data.draw(st.integers(start, end - 1))
    ref = decode(GENOME[at : at + 1])
    alt = decode(3 - GENOME[at : at + 1])
    variant = Variant(CONTIG, at, ref, alt, "", "line 1")
    [(first, second)] = place([variant], codes, columns["name"], Places.of(columns))
    assert (first.own == codes).all(axis=1).any()
    differ = np.flatnonzero(first.own != second.own)
    assert differ.tolist() == [first.start]
    assert {first.own[differ[0]], 3 - first.own[differ[0]]} == {encode(ref)[0], encode(alt)[0]}


@given(
    st.text("ACGT", min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
    st.integers(5, 12),
    st.integers(0, 1),
)
def test_instances_stand_as_written_at_their_place(
    tmp_path_factory, word, seed, length, mismatches
):
    """On either strand, the letters cut out are those of the genome at the reported place."""
    path = tmp_path_factory.mktemp("g") / "genome.fa"
    letters = np.random.default_rng(seed).integers(0, 4, 151, dtype=np.uint8)
    path.write_text(f">{CONTIG}\n{decode(letters)}\n")
    genome, region = Genome(path), Interval(CONTIG, 3, 149, "+", 1)
    mark = functools.partial(matches_by_strand, pattern=word, mismatches=mismatches)
    found = about_instances(genome, [region], mark, len(word), length)
    if not found:
        return
    codes, places, dropped = cut(genome, found, length, "regions.bed")
    assert dropped == 0 and places.known.all()
    first = length // 2 - len(word) // 2
    start, end, strand = places.to_genome(
        np.full(len(codes), first), np.full(len(codes), first + len(word)), np.full(len(codes), "+")
    )
    for row, read in enumerate(codes):
        whole = letters[places.start[row] : places.end[row]]
        assert decode(read) == decode(reverse_complement(whole) if places.reverse[row] else whole)
        there = letters[start[row] : end[row]]
        written = reverse_complement(there) if strand[row] == "-" else there
        assert (written != encode(word)).sum() <= mismatches
        assert decode(written) == decode(read[first : first + len(word)])


def test_a_faulty_name_says_its_file(tmp_path):
    path = tmp_path / "samtools.fa"
    path.write_text(">chrA:101-105\nACGTA\n")
    with pytest.raises(InputError, match=r"samtools.fa, record 'chrA:101-105': its name spans 4"):
        load_sequences([path], 5, "drop")
    _, _, columns, _ = load_sequences([path], 5, "drop", coordinates="one_based")
    assert (columns["start"], columns["end"]) == ([100], [105])


def test_hits_are_sorted_scored_and_read_back(tmp_path, rng):
    codes = rng.integers(0, 4, (3, 11), dtype=np.uint8)
    scores = rng.normal(size=(3, 11, 4))
    hits = pd.DataFrame({"sequence": [2, 0], "start": [3, 0], "end": [7, 11]})
    found = contributions(codes, scores, hits)
    observed = (one_hot(codes) * scores).sum(axis=-1)
    assert found == pytest.approx([observed[2, 3:7].sum(), observed[0].sum()])
    table = pd.DataFrame(
        {"chrom": ["b", "a"], "start": [5, 9], "end": [8, 12], "name": ["m", "k"],
         "strand": ["+", "-"], "contribution": [-2.0, 0.5]}
    )  # fmt: skip
    write_bed(table, tmp_path / "hits.bed")
    rows = list(csv.reader((tmp_path / "hits.bed").read_text().splitlines(), delimiter="\t"))
    assert rows == [["b", "5", "8", "m", "1000", "+"], ["a", "9", "12", "k", "250", "-"]]
    write_bed(table.iloc[:0], tmp_path / "none.bed")
    assert (tmp_path / "none.bed").read_text() == ""
