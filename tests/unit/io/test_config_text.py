"""Config texts that YAML reads as something else, nest without end, or unfold to gigabytes."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from snakemake.cli import parse_config

from commands.check_config import main
from giaflow.base.checks import InputError
from giaflow.io.config_text import check_override, compose

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "study.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("010", "8"), ("051", "41"), ("0x1F", "31"), ("0b11", "3"), ("4_1", "41"),
        ("1_000", "1000"), ("1:30", "90"), ("1:30.5", "90.5"), ("2023_01", "202301"),
        ("1_0.5", "10.5"), (".inf", "inf"), ("-.INF", "-inf"), (".nan", "nan"), ("NO", "False"),
        ("no", "False"), ("Yes", "True"), ("on", "True"), ("OFF", "False"),
        ("2023-01-01", r"datetime.date\(2023, 1, 1\)"), ("2023-99-99", "a timestamp"),
        ("=", "a value"),
    ],
)  # fmt: skip
def test_a_word_that_yaml_reads_as_something_else_is_refused(write, word, reading):
    for text, place in ((f"study: a\nkey: {word}\n", ":2:6"), (f"key:\n- a\n- {word}\n", ":3:3")):
        message = f"study.yaml{place}: {word.replace('.', '[.]')} is read by YAML as {reading}; put"
        with pytest.raises(InputError, match=message):
            compose(write(text))
    with pytest.raises(InputError, match=r":1:1: the key .* is read by YAML as .*put it in quotes"):
        compose(write(f"{word}: 1\n"))
    for quote in "\"'":
        compose(write(f"key: {quote}{word}{quote}\n{quote}{word}{quote}: 1\n"))


@pytest.mark.parametrize("key", ["7", "1.5", "true", "null", "~", "[a, b]"])
def test_a_key_is_a_word(write, key):
    with pytest.raises(InputError, match="key"):
        compose(write(f"{key}: 1\n"))


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans())
def test_what_yaml_itself_writes_is_accepted(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("c") / "c.yaml"
    path.write_text(yaml.safe_dump({"key": value, "list": [value, None, "text"]}))
    compose(path)


def bomb():
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: " + "[" * 1000 + "]" * 1000, "nests too deep"),
        ("a: " + "[" * 100 + "]" * 100, "nests too deep; at most 60 levels"),
        ("a: &x {b: *x}", ":1:4: this refers to itself"),
        (bomb(), "aliases unfold this config to over 200,000 values"),
        ("a: <<", ":1:4: << is read by YAML as a merge"),
        ("a: &x [1]\n<<: *x\n", ":1:8: << takes a mapping"),
        ("<<: 3\n", ":1:5: << takes a mapping"),
        ("", "is empty"),
        ("# a comment\n", "is empty"),
        ("- a\n", "has no keys at its top level"),
        ("word", "has no keys at its top level"),
        ("a: [1, 2", "not YAML"),
        ("a: b: c", ":1:5: not YAML"),
        ("a: *b", "not YAML: found undefined alias"),
        (b"a: \xff\n", "is not UTF-8"),
        (b"a: \x00\n", "does not allow"),
        ('a: "\\e[31m"', "holds a control character"),
    ],
)
def test_a_text_that_cannot_be_a_config_is_one_sentence(write, text, message):
    with pytest.raises(InputError, match=message) as caught:
        compose(write(text))
    assert "\n" not in str(caught.value) and "study.yaml" in str(caught.value)


def test_mappings_may_be_merged(write):
    compose(write("a: &x {b: 1}\nc: &y {d: 2}\ne: {<<: *x}\nf: {<<: [*x, *y]}\n"))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("4_1", "41"), ("010", "10"), ("0_1", "1"), ("1_0.5", "10.5"), ("nan", "nan"),
        ("-inf", "-inf"), ("Infinity", "inf"), (" 3", "3"), ("\u0663", "3"),
        ("2023_01", "202301"), ("00", "0"),
    ],
)  # fmt: skip
def test_a_number_of_the_command_line_is_a_plain_one(value, read):
    with pytest.raises(InputError, match=rf"--config seed={value}: {value} is read as {read};"):
        check_override(f"seed={value}")
    for pair in (f"seed={value}", f"seed='{value}'", f'seed="{value}"'):
        assert str(parse_config([pair])["seed"]) == read
        with pytest.raises(InputError, match=rf"{value} is read as {read}; write a plain number"):
            check_override(pair)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_itself_writes_is_a_plain_number(value):
    check_override(f"seed={value!r}")
    assert parse_config([f"seed={value!r}"])["seed"] == value


@pytest.mark.parametrize("pair", ["study=peaks", "study=1:30", "study=", "jobs={a: 1}", "a-b=NO"])
def test_text_of_the_command_line_stays_text(pair):
    check_override(pair)
    assert not isinstance(parse_config([pair])[pair.partition("=")[0]], int | float)


def test_the_command_line_is_checked_before_snakemake_reads_it(write, tmp_path):
    good = str(write("study: a\n"))
    assert main("--cores", "2", "--configfile", good, "--config", "seed=3", "-n") == 0
    assert main(f"--configfile={good}", "--", "results/report.html") == 0
    absent = str(tmp_path / "absent.yaml")
    assert "absent.yaml is not there" in main("--configfile", good, absent)
    assert "given twice" in main("--configfile", str(write("study: a\nstudy: b\n")))
    good = str(write("study: a\n"))
    assert "4_1 is read as 41" in main("--configfile", good, "--config", "seed=4_1")
    assert "4_1 is read as 41" in main("-Cseed=4_1", "-n")
    assert "--config x=1: write KEY=VALUE" in main("--config", "seed=1", "x=1")
    command = [sys.executable, "-m", "commands.check_config", "--configfiles", absent]
    done = subprocess.run(command, cwd=WORKFLOW, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "absent" in done.stderr
