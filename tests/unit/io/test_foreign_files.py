"""Genomes, intervals and values that others wrote: every row checked, by line number."""

import bz2
import gzip
import lzma
import os
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from Bio import bgzf

from giaflow.base.alphabet import decode, encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.io.genome import Genome, about_instances, blocked, cut, known
from giaflow.io.intervals import Interval, read_bed
from giaflow.io.text_tables import read_lines, read_values
from giaflow.sequences.pattern_search import matches_by_strand


@pytest.fixture
def write(tmp_path):
    """Write text (or bytes) to a file, and return its path."""

    def to(text, name="file.bed"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return to


class TestBed:
    def test_intervals_keep_names_that_look_like_something_else(self, write):
        path = write("NA\t1\t5\n\n# words\ntrack x\n0012\t07\t9\n1e5\t0\t3\nchr#1\t2\t4\n")
        assert [tuple(one)[:4] for one in read_bed(path)] == [
            ("NA", 1, 5, "+"),
            ("0012", 7, 9, "+"),
            ("1e5", 0, 3, "+"),
            ("chr#1", 2, 4, "+"),
        ]
        assert [one.line for one in read_bed(path)] == [1, 5, 6, 7]

    def test_strands_line_ends_and_compression(self, write):
        text = '1\t1\t5\ta"b\t0\t-\r\n1\t2\t6\tc\t0\t.\r\n'
        expected = [Interval("1", 1, 5, "-", 1), Interval("1", 2, 6, "+", 2)]
        assert read_bed(write(text)) == expected
        assert read_bed(write(gzip.compress(text.encode()), "x.bed.gz")) == expected

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ("chrom\tstart\tend", "line 3: start 'start' is not a whole number"),
            ("1 2 3", "line 3: 1 columns; BED needs .* separated by tabs"),
            ("1\t2\t3\tname", "line 3: 4 columns, but 3 above"),
            ("1\t1,000\t2000", "start '1,000' is not a whole number"),
            ("1\t1e3\t2000", "start '1e3'"),
            ("1\t10.5\t20", "start '10.5'"),
            ("1\t-5\t20", "start '-5' is not a whole number, 0 or greater"),
            ("1\t\t20", "start '' is not"),
            ("1\t5\t5", "start 5 is not before end 5"),
            ("1\t5\t9223372036854775808", "end 9223372036854775808 is too large"),
            ("\t5\t6", "the chromosome has no name"),
            ("1\t٣\t9", "start '٣' is not a whole number"),
        ],
    )
    def test_a_faulty_row_is_named(self, write, row, message):
        with pytest.raises(InputError, match=message):
            read_bed(write(f"1\t2\t3\n\n{row}\n"))

    def test_a_strand_must_be_one(self, write):
        with pytest.raises(InputError, match="strand 'x' must be"):
            read_bed(write("1\t2\t3\tn\t0\tx\n"))

    def test_the_first_five_faults_are_shown_and_all_counted(self, write):
        with pytest.raises(InputError, match=r"line 1: .*line 5: .*; and 3 more") as caught:
            read_bed(write("1\t9\t2\n" * 8))
        assert "line 6" not in str(caught.value)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"# only words\n", "holds no interval"),
            (b"1\t2\t3\n1\t2\t\xe9\n", "line 2 is not UTF-8"),
            (b"\xef\xbb\xbf1\t2\t3\n", "byte-order mark"),
            (gzip.compress(b"1\t2\t3\n" * 999, mtime=0)[:-9], "cut short"),
            (b"##gff-version 3\n", "line 1: looks like GFF or VCF"),
            (b"chr1\tx\tgene\t5\t9\t.\t+\t.\tid\n", "this looks like GFF"),
            (b"chr1\t100\trs1\tA\tC\t.\n", "this looks like VCF, which counts from 1"),
            (b"chr1\t100\t.\tAT\tC,G\n", "this looks like VCF, which counts from 1"),
            ("1\t2\t3\n".encode("utf-16"), "is UTF-16; save it as plain text"),
            (b"1\t2\t3\r1\t4\t5\r", "line ends of old Macs"),
            (bz2.compress(b"1\t2\t3\n"), "is compressed with bzip2; unpack it"),
            (lzma.compress(b"1\t2\t3\n"), "is compressed with xz"),
            (gzip.compress(gzip.compress(b"1\t2\t3\n")), "is compressed with gzip twice"),
        ],
    )
    def test_what_is_not_a_bed_file_is_refused(self, write, content, message):
        with pytest.raises(InputError, match=message):
            read_bed(write(content))

    def test_a_contig_may_be_called_as_lines_for_browsers_begin(self, write):
        rows = "track 1\nbrowser position x\ntrack7\t1\t5\nbrowser\t2\t6\ntrack 3\t4\t9\n"
        assert [one[:3] for one in read_bed(write(rows))] == [
            ("track7", 1, 5),
            ("browser", 2, 6),
            ("track 3", 4, 9),
        ]

    def test_a_bgzip_file_cut_short_between_two_rows_is_named(self, write):
        """It unpacks without an error, to fewer rows."""
        path = Path(write(b""))
        with bgzf.open(str(path), "wb") as out:
            for row in (b"1\t2\t3\n", b"1\t4\t5\n"):
                out.write(row)
                out.flush()
        whole = path.read_bytes()
        assert len(read_bed(path)) == 2
        second = whole.index(whole[:4], 1)
        assert gzip.decompress(whole[:second]) == b"1\t2\t3\n"
        for end in (second, len(whole) - 28):
            path.write_bytes(whole[:end])
            with pytest.raises(InputError, match="bgzip and cut short: its last block is missing"):
                read_bed(path)

    def test_only_a_regular_file_is_read(self, tmp_path):
        with pytest.raises(InputError, match="is a folder; give a file"):
            read_bed(tmp_path)
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", "/dev/zero"):
            with pytest.raises(InputError, match="is not a regular file; give a file"):
                read_bed(path)

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"cannot read BED .*none\.bed: No such file"):
            read_bed(tmp_path / "none.bed")


class TestValues:
    def test_names_stay_text_and_order_does_not_matter(self, write):
        path = write("# made by hand\nvalue\tname\tx\n1.5\tNA\t\n-2e1\t007\ty\n")
        assert read_values(path, "name", "value") == {"NA": 1.5, "007": -20.0}

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ("a\tnan", "line 3: 'nan' is not a finite number"),
            ("a\tinf", "'inf' is not a finite number"),
            ("a\t1_0", "'1_0' is not a finite number"),
            ("a\t", "'' is not a finite number"),
            ("a", "line 3: 1 columns, but the header has 2"),
            ("b\t7", "line 3: the name 'b' is given again"),
        ],
    )
    def test_a_faulty_row_is_named(self, write, rows, message):
        with pytest.raises(InputError, match=message):
            read_values(write(f"name\tvalue\nb\t1\n{rows}\n"), "name", "value")

    def test_a_missing_column_names_the_nearest(self, write):
        path = write("name\tvalues\na\t1\n")
        with pytest.raises(InputError, match=r"one column 'value'.*did you mean 'values'"):
            read_values(path, "name", "value")

    @pytest.mark.parametrize("text", ["name\tvalue\n", "# words\n"])
    def test_a_table_without_rows_is_refused(self, write, text):
        with pytest.raises(InputError, match=r"no row|no header"):
            read_values(write(text), "name", "value")

    @pytest.mark.parametrize("letter", ["\u2028", "\x0b", "\x0c", "\x1c", "\x85", "\r"])
    def test_only_line_feeds_end_lines(self, write, letter):
        assert read_lines(write("a\u00a0b c\r\nd\n"), "table") == ["a\u00a0b c", "d"]
        shown = letter.encode("unicode_escape").decode()
        with pytest.raises(InputError, match=f"line 1 holds the control character .{shown[1:]}"):
            read_lines(write(f"a{letter}b\r\nd\n"), "table")


TWO = ">one first\nACGTACGTAC\nGTNNA\n>two\nTTTTTGGCCA\n"


class TestGenome:
    @pytest.fixture
    def genome(self, write):
        return Genome(write(TWO, "genome.fa"))

    def test_chromosomes_follow_one_another(self, genome, tmp_path):
        assert genome.sizes == {"one": 15, "two": 10}
        assert genome.offsets == {"one": 0, "two": 15}
        assert decode(genome.codes) == "ACGTACGTACGTNNATTTTTGGCCA"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["genome.fa"]

    def test_positions_have_names(self, genome):
        places = genome.places(np.array([0, 11, 15, 18]), 4)
        assert places.names.tolist() == ["one:0-4", "one:11-15", "two:0-4", "two:3-7"]

    def test_regions_are_cut_about_their_centre_on_their_strand(self, genome):
        regions = [Interval("two", 5, 9, "-", 1), Interval("one", 2, 3, "+", 2)]
        codes, places, dropped = cut(genome, regions, 4, "x.bed")
        assert places.names.tolist() == ["two:5-9(-)", "one:0-4"] and dropped == 0
        assert decode(codes[0]) == decode(reverse_complement(encode("GGCC")))
        assert decode(codes[1]) == "ACGT"
        codes, *_ = cut(genome, [Interval("two", 4, 7, "-", 1)], 4, "x.bed")
        assert decode(codes[0]) == "CCAA"

    @pytest.mark.parametrize(
        ("pattern", "mismatches", "length", "expected"),
        [
            ("GGCC", 0, 6, ["two:4-10 TGGCCA +"]),
            # Its stretch would leave the chromosome.
            ("GGCC", 0, 8, []),
            ("GCC", 0, 5, ["two:4-9 GGCCA -", "two:5-10 GGCCA +"]),
            ("TACG", 0, 6, [f"one:{k}-{k + 6} GTACGT {'-+'[k // 2 % 2]}" for k in (0, 2, 4, 6)]),
            ("GTCC", 1, 6, ["one:1-7 CGTACG +", "one:5-11 CGTACG +", "two:4-10 TGGCCA +"]),
        ],
    )
    def test_stretches_have_the_pattern_in_the_middle_as_written(
        self, genome, pattern, mismatches, length, expected
    ):
        regions = [Interval("one", 0, 13, "-", 1), Interval("two", 3, 10, "+", 2)]
        mark = partial(matches_by_strand, pattern=pattern, mismatches=mismatches)
        found = about_instances(genome, [*regions, regions[1]], mark, len(pattern), length)
        if not found:
            assert not expected
            return
        codes, places, dropped = cut(genome, found, length, "x")
        names = [name.removesuffix("(-)") for name in places.names]
        rows = zip(names, codes, places.strand, strict=True)
        assert [f"{name} {decode(row)} {strand}" for name, row, strand in rows] == expected
        assert dropped == 0

    def test_a_region_at_an_edge_is_dropped_and_many_are_an_error(self, genome):
        inside = [Interval("one", 6, 8, "+", i) for i in range(10)]
        codes, places, dropped = cut(genome, [*inside, Interval("two", 9, 10, "+", 11)], 4, "x")
        assert len(codes) == len(places) == 10 and dropped == 1
        with pytest.raises(InputError, match=r"1 of 2 regions leave .* length 4 \(first: line 7\)"):
            cut(genome, [inside[0], Interval("one", 0, 1, "+", 7)], 4, "x.bed")

    def test_a_summit_comes_to_stand_in_the_middle(self, genome):
        peaks = [Interval("two", 2, 9, "+", 1, 5), Interval("two", 2, 9, "+", 2, -1)]
        _, places, _ = cut(genome, peaks, 4, "x.narrowPeak", "summit")
        assert places.names.tolist() == ["two:5-9", "two:3-7"]
        _, places, _ = cut(genome, peaks, 4, "x.narrowPeak")
        assert places.names.tolist() == ["two:3-7", "two:3-7"]
        assert places.first_of_each().tolist() == [0]

    def test_intervals_elsewhere(self, genome):
        here, there = Interval("two", 1, 3, "+", 1), Interval("chr2", 1, 3, "+", 2)
        assert known(genome, [here, there], "x", strict=False) == ([here], 1)
        message = "line 2: chromosome 'chr2' is not in .*which has one, two"
        with pytest.raises(InputError, match=message):
            known(genome, [here, there], "x.bed", strict=True)
        with pytest.raises(InputError, match=message):
            known(genome, [there], "x.bed", strict=False)
        with pytest.raises(InputError, match=r"line 3: end 11 is past two \(10 letters\)"):
            known(genome, [Interval("two", 1, 11, "+", 3)], "x.bed", strict=True)

    def test_blocked_intervals_by_chromosome(self, genome):
        found = blocked(genome, [Interval("two", 1, 3, "+", 1), Interval("two", 5, 9, "-", 2)])
        assert found["one"].shape == (0, 2) and found["two"].tolist() == [[1, 3], [5, 9]]

    def test_a_letter_that_is_none_is_named_with_its_position(self, write, monkeypatch):
        monkeypatch.setattr("giaflow.io.genome._CHUNK", 3)
        message = r"genome .*bad\.fa, record 'a': letter 'J' at position 7 is not a nucleotide"
        with pytest.raises(InputError, match=message):
            Genome(write(">a\nACGTACGJT\n", "bad.fa"))

    @pytest.mark.parametrize("chunk", [1, 4, 7])
    def test_chunks_join_without_a_seam(self, write, monkeypatch, chunk, genome):
        monkeypatch.setattr("giaflow.io.genome._CHUNK", chunk)
        again = Genome(write(gzip.compress(TWO.encode()), "genome.fa.gz"))
        assert (again.codes == genome.codes).all()
        assert (again.sizes, again.offsets) == (genome.sizes, genome.offsets)

    def test_a_genome_takes_a_byte_a_letter_while_it_is_read_too(self, write, monkeypatch):
        size = 3_000_017
        path = write(">one\n" + "ACGTTGCA\n" * (size // 8) + "A\n", "genome.fa")
        monkeypatch.setattr("giaflow.io.genome._CHUNK", 1 << 16)
        tracemalloc.start()
        codes = Genome(path).codes
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(codes) == size
        assert size < peak < 1.5 * size
