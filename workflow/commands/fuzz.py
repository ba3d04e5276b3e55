"""Feed mutated files to every reader: each must read them or refuse them in one clean sentence.

    python -m commands.fuzz [--seconds 600] [--seed 1]

Config, FASTA, BED, VCF, tables and motif files of every format are made, mutated and read in a
child process with a limit of memory. A finding is an exception that is not our own, a case that
takes over ten seconds, a message of several lines or without the file's name, or a child that dies.
Each finding is stored; the seed and its number make it again.
"""

import argparse
import contextlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np

from giaflow.base.checks import InputError
from giaflow.config.checks import load_study
from giaflow.io.config_lines import locator
from giaflow.io.fasta import load_sequences, read_fasta
from giaflow.io.intervals import read_bed
from giaflow.io.matrices import matrix_of, read_matrix
from giaflow.io.text_tables import read_rows, read_values
from giaflow.io.variants import read_variants

SLOWEST = 10
MEMORY = 6 << 30
FOLDER = Path("results/fuzz")

CONFIG = """\
study: fuzzed
length: 41
alphabet: ACGU
sequences:
  rnas: {simulated: 307}
  peaks: {fasta: [peaks.fa], pad: true, coordinates: one_based}
models:
  oracle: {laboratory: LabR}
nulls:
  shuffled: {kind: dinucleotide, sequences: [rnas], n: 13}
patterns: {site: UGCAUG, matrix: {file: m.meme, name: M1, trim: 0.5}}
attribution: {sequences: {rnas: 3}, methods: [{method: ism}]}
experiments:
  embed: {kind: global_importance, settings: {scrambles: 2, discovered: false}}
  gaps: {kind: spacing, nulls: [shuffled], settings: {first: GAU, second: site, gaps: [0, 1, 4]}}
statistics: {sesoi: {R: 0.25}, confidence: 0.95}
"""
ROWS = "0.1 0.2 0.3 0.4\n0.25 0.25 0.25 0.25\n1 0 0 0\n"
TABBED = ROWS.replace(" ", "\t")
SEEDS = {
    "config": [CONFIG],
    "fasta": [
        ">chr1:100-105(+)\nACGTA\n>peak::chr1:7-12 more\nacgnn\n>x\nTTT\nTT\n",
        ">a range=chr1:11-15 strand=-\r\nACGUA\r\n",
    ],
    "bed": [
        "chr1\t10\t20\tp\t5\t+\nchr2\t1\t9\tq\t0\t-\n",
        "track x\n#c\nchr1\t10\t30\tp\t5\t.\t1.5\t2\t3\t7\nchr1\t2\t9\tq\t0\t.\t1\t2\t3\t-1\n",
    ],
    "vcf": [
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t11\trs1\tA\tG,C\n"
        "chr2\t5\t.\tGT\tCA\n",
        "chrom\tpos\tref\talt\nchr1\t10\tA\tC\n",
    ],
    "matrix": [
        "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M1 x\n"
        f"letter-probability matrix: alength= 4 w= 3\n{ROWS}\n"
        f"MOTIF M2\nletter-probability matrix:\n{ROWS}",
        "ID M1\nBF x\nP0 A C G T\n01 1 2 3 4 N\n02 0 0 9 1 G\nXX\n"
        "ID M2\nP0 A C G T\n01 1 0 0 0\n//\n",
        f">ACG\tM1(Zf)/x\t5.2\t-3\t0\n{TABBED}>AAA\tM2\t1\n{TABBED}",
        ">M1 n\nA [ 1 2 3 ]\nC [ 4 5 6 ]\nG [ 0 0 1 ]\nT [ 9 9 9 ]\n>M2\n1 2\n3 4\n5 6\n7 8\n",
        "TF\tT\nMotif\tM1\nPos\tA\tC\tG\tT\n1\t.1\t.2\t.3\t.4\n2\t.25\t.25\t.25\t.25\n",
        "1 2 3\n4 5 6\n7 8 9\n0 1 2\n",
    ],
    "table": ["name\tvalue\np1\t1.5\np2\tNA\n", "1.5\n2\nnan\n"],
}  # fmt: skip
TOKENS = [
    b"\t", b"\n", b"\r", b"\n\n\n", b" ", b"-1", b"0", b"1e400", b"nan", b"inf",
    b"99999999999999999999", b"\x00", b"\x1b[31m", b"\xff",
    b"\xef\xbb\xbf", b">", b"//", b"XX", b"P0", b"MOTIF",
    b"w= 9", b"#", b"{", b"}", b"[", b"]", b": ", b"&a", b"*a",
    b"!!python/name:os.system", b"010", b"NO", b"1:30",
    b"2023_01", b"<<", b"<<: ", b"'", b'"', b"(-)", b"chr1:1-2", "é\u202e".encode(), b"N", b"U",
    b".", b",", b"- ",
]  # fmt: skip


def mutated(text, rng):
    """A text with one to six changes: bytes, lines, words of `TOKENS`, pieces cut or repeated."""
    data = bytearray(text.encode())
    for _ in range(int(rng.integers(1, 7))):
        at, size = int(rng.integers(0, len(data) + 1)), int(rng.integers(1, 30))
        match int(rng.integers(0, 7)):
            case 0 if data:
                data[min(at, len(data) - 1)] = int(rng.integers(0, 256))
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = TOKENS[int(rng.integers(0, len(TOKENS)))]
            case 3:
                data[at : at + size] = TOKENS[int(rng.integers(0, len(TOKENS)))]
            case 4:
                data[at:at] = data[max(0, at - size) : at] * int(rng.integers(1, 4))
            case 5:
                del data[at:]
            case 6:
                lines = data.split(b"\n")
                rng.shuffle(lines)
                data = bytearray(b"\n".join(lines))
    return bytes(data)


def read(kind, path, raw):
    """Read a file as a run of the study would."""
    if kind == "config":
        locate = locator([str(path)])
        # As Snakemake loads it, once the text was checked.
        import yaml

        study = yaml.safe_load(raw)
        if isinstance(study, dict):
            load_study(study, locate, (), matrix_of, read_rows)
        return
    if kind == "fasta":
        list(read_fasta(path))
        load_sequences([str(path)], 5, "drop", pad=True)
    elif kind == "bed":
        read_bed(path)
    elif kind == "vcf":
        read_variants(path)
    elif kind == "matrix":
        read_matrix(path, None)
        read_matrix(path, "M1", "positions")
    else:
        read_values(path, "name", "value")


def judged(kind, path, raw):
    """What is wrong with how a file was read, or nothing."""
    try:
        read(kind, path, raw)
    except InputError as error:
        # A config may have a line for each mistake.
        lines = str(error).splitlines()
        if kind != "config" and len(lines) != 1:
            return f"a message of {len(lines)} lines: {error}"
        if kind != "config" and path.name not in str(error):
            return f"a message without the file's name: {error}"
        return ""
    except TimeoutError:
        return f"took over {SLOWEST} s"
    except BaseException:
        return traceback.format_exc()
    return ""


def overdue(signum, frame):
    raise TimeoutError


def cases(seconds, seed, folder):
    """Run cases until the time is over; yield what was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, overdue)
    end, number, kinds = time.monotonic() + seconds, 0, list(SEEDS)
    path = folder / "input.txt"
    while time.monotonic() < end:
        rng = np.random.default_rng([seed, number])
        kind = kinds[number % len(kinds)]
        texts = SEEDS[kind]
        raw = mutated(texts[int(rng.integers(0, len(texts)))], rng)
        path.write_bytes(raw)
        (folder / "case").write_text(f"{number} {kind}")
        signal.alarm(SLOWEST)
        wrong = judged(kind, path, raw)
        signal.alarm(0)
        if wrong:
            yield number, kind, raw, wrong
        number += 1
    (folder / "case").write_text(f"{number} done")


def child(seconds, seed, folder):
    for number, kind, raw, wrong in cases(seconds, seed, Path(folder)):
        store(seed, number, kind, raw, wrong)


def store(seed, number, kind, raw, wrong):
    """Keep a finding, and say it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{seed}-{number}-{kind}.txt").write_bytes(raw)
    print(f"FINDING seed {seed} case {number} ({kind}):\n{wrong}\n", flush=True)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child")
    asked = parser.parse_args(arguments)
    if asked.child:
        child(asked.seconds, asked.seed, asked.child)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "commands.fuzz", "--seconds", str(asked.seconds)]
        command += ["--seed", str(asked.seed), "--child", folder]
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, timeout=asked.seconds + 60, stdout=subprocess.PIPE)
            print(done.stdout.decode(errors="replace"), end="")
        number, state = (Path(folder) / "case").read_text().split()
        if state != "done":
            raw = (Path(folder) / "input.txt").read_bytes()
            store(asked.seed, int(number), state, raw, "the child died or did not end")
            return 1
        found = done.stdout.count(b"FINDING")
    print(f"fuzz: {number} cases, seed {asked.seed}, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
