"""Names out of files reach terminals, logs, tables and figures without control characters."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giaflow.base.checks import InputError, control_characters, printable
from giaflow.base.settings import Settings
from giaflow.io.fasta import read_fasta
from giaflow.io.genome import Genome
from giaflow.io.intervals import read_bed
from giaflow.io.matrices import read_matrix
from giaflow.io.text_tables import read_columns, read_values
from giaflow.io.variants import read_variants

BAD = ["\x1b[31m", "\x07", "\x7f", "\x9b31m", "\u202e", "\u2066", "\u2028", "\ufffe"]
MEME = "MEME version 4\n\nMOTIF {}\nletter-probability matrix: alength= 4 w= 2\n1 0 0 0\n0 1 0 0\n"
FILES = {
    "fasta": (">chr{}1\nACGTA\n", lambda path: list(read_fasta(path))),
    "genome": (">chr{}1\nACGTA\n", Genome),
    "bed": ("chr{}1\t0\t5\n", read_bed),
    "vcf": ("##fileformat=VCFv4.2\nchr{}1\t3\t.\tA\tC\n", read_variants),
    "variants": ("chrom\tpos\tref\talt\nchr{}1\t3\tA\tC\n", read_variants),
    "meme": (MEME.replace("{}", "m{}"), read_matrix),
    "table": ("name\tvalue\nm{}\t3\n", lambda path: read_columns(path, ["name"])),
    "values": ("name\tvalue\nm{}\t3\n", lambda path: read_values(path, "name", "value")),
}


@pytest.mark.parametrize("letters", BAD, ids=ascii)
@pytest.mark.parametrize("kind", FILES)
def test_a_name_with_a_control_character_is_refused_by_an_escape(tmp_path, kind, letters):
    text, read = FILES[kind]
    if kind in ("fasta", "genome") and letters.isspace():
        pytest.skip("a record's name ends at any blank")
    path = tmp_path / "outside.txt"
    path.write_text(text.replace("{}", ""))
    read(path)
    path.write_text(text.replace("{}", letters))
    with pytest.raises(InputError, match="control character") as refused:
        read(path)
    message = str(refused.value)
    assert str(path) in message
    assert letters[0].encode("unicode_escape").decode() in message
    assert not control_characters(message)


@given(st.text())
def test_a_printable_text_is_valid_xml_and_changes_only_control_characters(text):
    shown = printable(text)
    assert not set(control_characters(shown)) - {"\n"}
    if not control_characters(text):
        assert shown == text
    parsed = ElementTree.fromstring(f"<a>{_escaped(shown)}</a>")
    assert (parsed.text or "") == shown


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")


@given(st.text())
def test_a_message_never_steers_a_terminal(text):
    assert not set(control_characters(str(InputError(f"unknown {text}")))) - {"\n"}


@pytest.mark.parametrize("letters", ["\x1b[31m", "\x07", "\x00", "<b>&"], ids=ascii)
def test_a_figure_is_valid_xml(tmp_path, letters):
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    path, name = tmp_path / "drawn.svg", printable(f"chr{letters}1")
    figure = Figure()
    figure.subplots().set_title(name)
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(path)
    assert name in "".join(ElementTree.parse(path).getroot().itertext())


def test_a_config_value_with_a_control_character_is_refused():
    class Axis(Settings):
        unit: str = ""

    assert Axis.model_validate({"unit": "log µ, two\nlines"}).unit == "log µ, two\nlines"
    with pytest.raises(ValueError, match=r"value of unit holds the control character .x1b"):
        Axis.model_validate({"unit": "a\x1b[31m"})
