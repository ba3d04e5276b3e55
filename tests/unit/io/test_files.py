"""Files: whole or not at all, self-describing, read back as written."""

import gzip
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from giaflow.base.alphabet import decode
from giaflow.base.checks import InputError
from giaflow.io.arrays import provenance_of, read_arrays, sequences_dataset, write_arrays
from giaflow.io.fasta import load_sequences, read_fasta
from giaflow.io.fasta_text import has_even_lines
from giaflow.io.files import atomic, check_sha256, extract, read_json, sha256, write_json
from giaflow.io.motifs import read_modisco, write_bed, write_meme
from giaflow.io.sources import read_sources
from giaflow.io.tables import read_provenance, read_table, write_table

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"


class TestAtomic:
    def test_a_failure_leaves_the_old_file_and_no_other(self, tmp_path):
        target = tmp_path / "a.txt"
        target.write_text("old")
        with pytest.raises(RuntimeError), atomic(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError
        assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]

    def test_a_kill_while_writing_leaves_no_final_file(self, tmp_path):
        code = (
            "import os, signal, sys; from giaflow.io.files import atomic\n"
            "with atomic(sys.argv[1]) as t:\n"
            "    t.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
        )
        target = tmp_path / "a.txt"
        done = subprocess.run([sys.executable, "-c", code, str(target)], cwd=WORKFLOW)
        assert done.returncode == -signal.SIGKILL and not target.exists()

    def test_a_full_disk_leaves_no_final_file(self, tmp_path):
        code = (
            "import resource, signal, sys, numpy as np, xarray as xr\n"
            "from giaflow.io.arrays import write_arrays\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
            "noise = np.random.default_rng(0).random((50, 70))\n"
            "write_arrays(xr.Dataset({'a': (('x', 'y'), noise)}), sys.argv[1], {})"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "a.nc")],
            cwd=WORKFLOW,
            capture_output=True,
            text=True,
        )
        assert "OSError" in done.stderr and list(tmp_path.iterdir()) == []

    def test_permissions_are_those_of_ordinary_files(self, tmp_path):
        write_json({}, tmp_path / "a.json")
        assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o644


def test_json_keeps_the_order_of_keys(tmp_path):
    write_json({"targets": {"Oct4": 0, "MafK": 1}}, tmp_path / "a.json")
    assert list(read_json(tmp_path / "a.json")["targets"]) == ["Oct4", "MafK"]


class TestTables:
    table = pd.DataFrame(
        {"name": ["NA", "nan-like", ""], "value": [1.5, np.nan, -2e-9], "n": [1, 2, 3]}
    )

    @pytest.mark.parametrize("suffix", [".tsv", ".parquet"])
    def test_round_trip_with_provenance(self, tmp_path, suffix):
        path = tmp_path / f"t{suffix}"
        write_table(self.table, path, {"seed": 0, "b": [1, "é"]})
        pd.testing.assert_frame_equal(read_table(path), self.table, check_dtype=False)
        assert read_provenance(path) == {"seed": 0, "b": [1, "é"]}

    def test_a_column_of_a_long_table_has_one_type(self, tmp_path):
        # pandas reads a table in parts of some million cells.
        mixed = [*range(4_500), *(f"GC{i}" for i in range(1_500))]
        table = pd.DataFrame({"label": mixed, **{f"n{i}": 0 for i in range(255)}})
        write_table(table, tmp_path / "t.tsv", {})
        label = read_table(tmp_path / "t.tsv")["label"]
        assert set(map(type, label)) == {str} and label[7] == "7"

    def test_a_plain_reader_skips_the_provenance(self, tmp_path):
        write_table(self.table, tmp_path / "t.tsv", {"seed": 0})
        plain = pd.read_csv(tmp_path / "t.tsv", sep="\t", comment="#")
        assert list(plain.columns) == ["name", "value", "n"]

    def test_equal_tables_give_equal_bytes(self, tmp_path):
        for suffix in (".tsv", ".parquet"):
            paths = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
            for path in paths:
                write_table(self.table, path, {"b": 1, "a": 2})
            assert paths[0].read_bytes() == paths[1].read_bytes()

    def test_an_empty_table_keeps_its_columns(self, tmp_path):
        write_table(self.table.head(0), tmp_path / "t.tsv", {})
        assert list(read_table(tmp_path / "t.tsv").columns) == ["name", "value", "n"]


def test_arrays_keep_names_units_and_provenance(tmp_path, rng):
    codes = rng.integers(0, 5, (3, 11), dtype=np.uint8)
    dataset = sequences_dataset(codes, {"name": ["a", "b", "c"]}, masked=codes > 2)
    write_arrays(dataset, tmp_path / "a.nc", {"seed": 0})
    back = read_arrays(tmp_path / "a.nc")
    assert np.array_equal(back["codes"].values, codes) and back["codes"].dtype == np.uint8
    assert back["codes"].dims == ("sequence", "position") and back["codes"].attrs["units"]
    assert back["name"].values.tolist() == ["a", "b", "c"]
    assert provenance_of(back) == {"seed": 0}


def test_what_is_read_and_written_again_has_the_same_bytes(tmp_path, rng):
    """As the parts of an experiment are, when they are gathered."""
    variables = {"b": (("x", "y"), rng.random((3, 5)), {"units": "logit"}), "a": ("x", [1, 2, 3])}
    names = {"y": list("vwxyz"), "place": ("x", [4, 5, 6])}
    dataset = xr.Dataset(variables, names, {"z": "last", "conditioning": "first"})
    write_arrays(dataset, tmp_path / "a.nc", {"seed": 0})
    again = read_arrays(tmp_path / "a.nc").drop_encoding()
    write_arrays(again, tmp_path / "b.nc", {"seed": 0})
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_names_of_gathered_sets_are_not_cut_to_those_of_the_first(tmp_path):
    parts = []
    for i, names in enumerate((["a", "b"], ["longer_1", "longer_12", "c"])):
        write_arrays(xr.Dataset(coords={"name": ("x", names)}), tmp_path / f"{i}.nc", {})
        parts.append(read_arrays(tmp_path / f"{i}.nc"))
    write_arrays(xr.concat(parts, "x"), tmp_path / "all.nc", {})
    back = read_arrays(tmp_path / "all.nc")["name"].values.tolist()
    assert back == ["a", "b", "longer_1", "longer_12", "c"]


def test_equal_arrays_give_equal_bytes(tmp_path, rng):
    dataset = xr.Dataset({"a": (("x", "y"), rng.random((5, 7)))}, {"x": list("abcde")})
    for name in ("a.nc", "b.nc"):
        write_arrays(dataset, tmp_path / name, {})
        # HDF5 stamps whole seconds: files written within one would agree by chance.
        time.sleep(1.1)
    assert sha256(tmp_path / "a.nc") == sha256(tmp_path / "b.nc")


class TestFasta:
    def write(self, tmp_path, content, name="a.fa"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        records=st.lists(st.text("ACGTNacgtn", min_size=1, max_size=30), min_size=1, max_size=5),
        width=st.integers(1, 9),
        end=st.sampled_from(["\n", "\r\n"]),
    )
    def test_records_come_back_whatever_the_layout(self, tmp_path, records, width, end):
        lines = []
        for i, record in enumerate(records):
            lines.append(f">r{i} a description")
            lines += [record[at : at + width] for at in range(0, len(record), width)]
        path = self.write(tmp_path, end.join(lines) + end)
        assert list(read_fasta(path)) == [(f"r{i}", record) for i, record in enumerate(records)]

    def test_soft_mask_names_and_coordinates_are_kept(self, tmp_path):
        path = self.write(tmp_path, ">chr1:100-105(-)\nACgtA\n>peak\nGGGUU\n")
        codes, masked, columns, dropped = load_sequences([path], 5, "drop")
        assert [decode(row) for row in codes] == ["ACGTA", "GGGTT"] and dropped == 0
        assert masked[0].tolist() == [False, False, True, True, False]
        assert columns["name"] == ["chr1:100-105(-)", "peak"]
        assert [columns[k][0] for k in ("chrom", "start", "end", "strand")] == [
            "chr1",
            100,
            105,
            "-",
        ]
        assert [columns[k][1] for k in ("chrom", "start", "end", "strand")] == ["", -1, -1, "."]

    def test_the_user_s_folder_is_not_written_to_and_a_stale_index_not_read(self, tmp_path):
        path = self.write(tmp_path, ">a\nACGT\n")
        Path(path + ".fai").write_text("wrong\t9\t0\t9\t10\n")
        before = sorted(p.name for p in tmp_path.iterdir())
        assert list(read_fasta(path)) == [("a", "ACGT")]
        assert sorted(p.name for p in tmp_path.iterdir()) == before

    def test_what_happens_to_ambiguous_letters_is_the_user_s_choice(self, tmp_path):
        path = self.write(tmp_path, ">a\nACGTA\n>b\nACNTA\n")
        assert load_sequences([path], 5, "drop")[3] == 1
        assert decode(load_sequences([path], 5, "keep")[0][1]) == "ACNTA"
        with pytest.raises(
            InputError, match="record 'b' has the ambiguous letter 'N' at position 2"
        ):
            load_sequences([path], 5, "error")

    @pytest.mark.parametrize(
        ("content", "name", "message"),
        [
            (b"", "a.fa", "is empty"),
            (b"chr1\t1\t5\n", "a.fa", "does not start with '>'"),
            (b"\x1f\x8bxxxx", "a.fa", "is compressed and cut short"),
            (b"\xef\xbb\xbf>a\nACGTA\n", "a.fa", "byte-order mark"),
            (b">a\nACGTA\n>a\nACGTA\n", "a.fa", "record 'a' stands twice, in lines 1 and 3"),
            (b">a\nACGTA\n>\nACGTA\n", "a.fa", "line 3: a record without a name"),
            (b">a\nAC GTA\nA\nACGTAA\n", "a.fa", "line 2: a blank among the letters"),
            (b"\xff\xfe>\x00a\x00", "a.fa", "is UTF-16; save it as plain text"),
            (b">a\rACGTA\r", "a.fa", "line ends of old Macs"),
            (b"\n\n", "a.fa", "is empty"),
            (b"BZh91AY", "a.fa", "is compressed with bzip2; unpack it, or use gzip or bgzip"),
            (gzip.compress(gzip.compress(b">a\nACGTA\n")), "a.fa", "compressed with gzip twice"),
            (b">a\xff\nACGTA\n", "a.fa", "line 1 is not UTF-8; convert the file"),
            (b">a\nAC\xe9TA\n", "a.fa", "line 2 is not UTF-8; convert the file"),
            (b">a\nACGTA\n>b\rACGTA\n>c\nACGTA\n", "a.fa", "line 3: a carriage return within"),
            (b">a\nACGTA\rACGTA\n", "a.fa", "line 2: a carriage return within the line"),
            (b">a\n>b\nACGTA\n", "a.fa", "line 1: a record without letters"),
            (b">a\nACGTA\n>b\n", "a.fa", "line 3: a record without letters"),
            (b">a\nACGTA\n;note\n>b\nACGTA\n", "a.fa", "has 10 letters|';' at position 5"),
            (b">a\nACGT\n", "a.fa", "record 'a' has 4 letters, but the config's length is 5"),
            (b">a\nACG-A\n", "a.fa", "record 'a': letter '-' at position 3 is not a nucleotide"),
            (b">a\nMKEFL\n", "a.fa", "is not a nucleotide"),
            (b">a\nNNNNN\n", "a.fa", "no sequence is left of .*: 1 dropped"),
        ],
    )
    def test_unusable_files_are_refused_in_one_sentence(self, tmp_path, content, name, message):
        path = self.write(tmp_path, content, name)
        with pytest.raises(InputError, match=message) as caught:
            load_sequences([path], 5, "drop")
        assert "\n" not in str(caught.value)

    def test_compressed_files_are_read_whatever_their_name(self, tmp_path):
        packed = gzip.compress(b">a\nACGTA\n>b\nTTTTT\n")
        for content in (packed, gzip.decompress(packed)):
            for name in ("a.fa.gz", "a.fa", "a.bgz", "a%s.bz2", "a b'c.gz"):
                path = self.write(tmp_path, content, name)
                assert list(read_fasta(path)) == [("a", "ACGTA"), ("b", "TTTTT")]
        with pytest.raises(InputError, match="is compressed and cut short"):
            list(read_fasta(self.write(tmp_path, packed[:-9], "cut.fa.gz")))

    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        records=st.lists(st.text("ACGTNacgtn", min_size=1, max_size=31), min_size=1, max_size=5),
        data=st.data(),
    )
    def test_blank_and_uneven_lines_and_mixed_line_ends_are_read_wherever_they_stand(
        self, tmp_path, records, data
    ):
        lines = []
        for i, record in enumerate(records):
            lines.append(f">r{i}")
            while record:
                size = data.draw(st.integers(1, len(record)))
                lines += [record[:size], *[""] * data.draw(st.integers(0, 3))]
                record = record[size:]
        ends = st.sampled_from(["\n", "\n", "\r\n", " \n", "\t\r\n"])
        text = "".join(line + data.draw(ends) for line in lines)
        path = self.write(tmp_path, text.rstrip() if data.draw(st.booleans()) else text)
        assert list(read_fasta(path)) == [(f"r{i}", record) for i, record in enumerate(records)]

    @pytest.mark.parametrize("chunk", [1, 3, 7, 1 << 20])
    @pytest.mark.parametrize(
        ("text", "even"),
        [
            (">a\nACGT\nACGT\nAC\n>b\nA\n", True),
            (">a\nACGT\nACGT\nAC", True),
            (">a\r\nACGT\r\nAC\r\n", False),
            (">a\nACGT\r\nACGTA\nAC\n", False),
            (">a\nACGT\nACG \n", False),
            (">a one\ttwo\nACGT\n>b three\nAC\n", True),
            (">a\nACGT\n>b\n", False),
            (">a\nACG\nACGTACGT\n>b\nA\n", False),
            (">a\nACGT\nAC\nACGT\n", False),
            (">a\nACGT\nAC\nAC\n", False),
            (">a\nACGT\n\n>b\nA\n", False),
            (">a\n>b\nACGT\nACGTA\n", False),
        ],
    )
    def test_lines_that_an_index_cannot_count_are_seen(
        self, tmp_path, monkeypatch, text, even, chunk
    ):
        monkeypatch.setattr("giaflow.io.fasta_text.CHUNK", chunk)
        assert has_even_lines(self.write(tmp_path, text)) is even

    def test_a_bgzip_file_without_its_last_block_is_cut_short(self, tmp_path):
        from Bio import bgzf

        with bgzf.open(str(tmp_path / "a.fa.gz"), "wb") as out:
            out.write(b">a\nACGTA\n>b\nTTTTT\n")
        path = tmp_path / "a.fa.gz"
        assert [name for name, _ in read_fasta(path)] == ["a", "b"]
        path.write_bytes(path.read_bytes()[:-28])
        with pytest.raises(InputError, match="compressed with bgzip and cut short: its last block"):
            list(read_fasta(path))

    def test_only_a_regular_file_is_read(self, tmp_path):
        with pytest.raises(InputError, match="is a folder; give a file"):
            list(read_fasta(tmp_path))
        os.mkfifo(tmp_path / "pipe.fa")
        with pytest.raises(InputError, match="is not a regular file"):
            list(read_fasta(tmp_path / "pipe.fa"))

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"cannot read FASTA .*none\.fa: No such file"):
            list(read_fasta(tmp_path / "none.fa"))


class TestArchives:
    @pytest.fixture
    def wheel(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
            archive.writestr("pkg/peaks.fa", ">a\nACGT\n")
        return tmp_path / "a.whl"

    def test_a_member_is_copied_out(self, wheel, tmp_path):
        extract(wheel, "pkg/peaks.fa", tmp_path / "out" / "peaks.fa")
        assert list(read_fasta(tmp_path / "out" / "peaks.fa")) == [("a", "ACGT")]

    def test_a_wrong_member_gets_a_hint(self, wheel, tmp_path):
        with pytest.raises(
            InputError, match=r"unknown member of a\.whl.*did you mean 'pkg/peaks\.fa'"
        ):
            extract(wheel, "pkg/peak.fa", tmp_path / "out")

    def test_something_else_is_refused(self, tmp_path):
        (tmp_path / "a.whl").write_text("not a zip")
        with pytest.raises(InputError, match="is not a wheel or zip file"):
            extract(tmp_path / "a.whl", "x", tmp_path / "out")

    def test_a_wrong_hash_names_both(self, wheel):
        check_sha256(wheel, sha256(wheel), "source")
        with pytest.raises(InputError, match=f"has sha256 {sha256(wheel)}, but 00 is pinned"):
            check_sha256(wheel, "00", "source")


def test_the_shipped_sources_are_complete():
    sources = read_sources(WORKFLOW.parent / "resources" / "sources.tsv")
    for row in sources.values():
        assert all(row.values())
        by_hand = row["how"] == "manual"
        assert by_hand == row["package"].startswith("http")
        assert by_hand or (len(row["sha256"]) == 64 and "://" not in "".join(row.values()))


def test_a_sources_table_with_other_columns_is_refused(tmp_path):
    (tmp_path / "s.tsv").write_text("name\thow\n")
    with pytest.raises(InputError, match="must have the columns name, how, package"):
        read_sources(tmp_path / "s.tsv")


def modisco_file(path, groups):
    """A file in TF-MoDISco's layout: sign group -> {pattern name: number of seqlets}."""
    with h5py.File(path, "w") as file:
        for group, patterns in groups.items():
            file.create_group(group)
            for name, n in patterns.items():
                pattern = file[group].create_group(name)
                for key in ("sequence", "contrib_scores"):
                    pattern[key] = np.full((6, 4), 0.25)
                seqlets = pattern.create_group("seqlets")
                for key in ("example_idx", "start", "end", "is_revcomp"):
                    seqlets[key] = np.arange(n)


def test_patterns_are_read_in_the_order_of_their_numbers(tmp_path):
    counts = {f"pattern_{i}": 20 - i for i in range(11)}
    modisco_file(tmp_path / "m.h5", {"pos_patterns": counts, "neg_patterns": {"pattern_0": 3}})
    found = read_modisco(tmp_path / "m.h5")
    assert [len(p["start"]) for p in found] == [*range(20, 9, -1), 3]
    assert [p["sign"] for p in found] == ["pos"] * 11 + ["neg"]


@pytest.mark.parametrize("groups", [{}, {"pos_patterns": {}}])
def test_missing_and_empty_groups_are_no_patterns(tmp_path, groups):
    modisco_file(tmp_path / "m.h5", groups)
    assert read_modisco(tmp_path / "m.h5") == []


def test_another_hdf5_file_is_refused(tmp_path):
    modisco_file(tmp_path / "m.h5", {"weights": {}})
    with pytest.raises(InputError, match="not a TF-MoDISco result: it holds weights"):
        read_modisco(tmp_path / "m.h5")


def test_meme_and_bed_are_as_their_readers_expect(tmp_path):
    from memelite.io import read_meme

    counts = np.array([[8, 0, 0, 2], [0, 10, 0, 0], [5, 5, 0, 0]])
    write_meme({"Oct4_1": counts, "x y": counts[:2]}, "ACGT", tmp_path / "m.meme")
    back = read_meme(str(tmp_path / "m.meme"))
    assert np.allclose(back["Oct4_1"].T, counts / 10, atol=1e-6)
    row = {"chrom": "chr1", "start": 3, "end": 9, "name": "m", "contribution": 0.0, "strand": "-"}
    write_bed(pd.DataFrame([row]), tmp_path / "h.bed")
    assert (tmp_path / "h.bed").read_text() == "chr1\t3\t9\tm\t0\t-\n"
