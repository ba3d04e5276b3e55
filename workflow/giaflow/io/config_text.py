"""The text of a config file, checked before anything is built from it.

YAML 1.1 reads some words as something else than they look: ``010`` is 8, ``1:30`` is 90, ``4_1`` is
41, ``NO`` is false and ``2023_01`` a number. A config means what it says, so such words are refused
unless they stand in quotes. Nesting, aliases and size are bounded, or a few lines could fill the
memory.
"""

import re
from pathlib import Path

import yaml

from giaflow.base.checks import InputError, control_characters

LARGEST, DEEPEST, MOST = 10_000_000, 60, 200_000
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
# Numbers as Python reads them too: without a point before the exponent.
DECIMAL = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
PAIR = re.compile(r"[A-Za-z_][\w-]*\w=", re.ASCII)
KINDS = {
    "map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "binary", "merge",
}  # fmt: skip
_NUMBERS = {"int": INTEGER, "float": FLOAT}
# Words that YAML 1.1 reads as true or false; only the plain ones are taken as such.
BOOLEANS = {"true", "false", "True", "False", "TRUE", "FALSE"}


def compose(file):
    """The YAML nodes of a config file, after checks of its text.

    Parameters
    ----------
    file : str or pathlib.Path

    Returns
    -------
    yaml.MappingNode

    Raises
    ------
    InputError
        With file, line and column, if the file cannot be read, is not YAML, nests too deep, refers
        to itself, unfolds to too many values, has no keys at its top level, or holds a word that
        YAML reads as something else.
    """
    try:
        if Path(file).stat().st_size > LARGEST:
            raise InputError(f"config {file} has over {LARGEST:,} bytes; is it a config?")
        text = Path(file).read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise InputError(
            f"config {file} is not there; give the path of your study to --configfile"
        ) from None
    except RecursionError:
        raise InputError(f"config {file} nests too deep; at most {DEEPEST} levels") from None
    except yaml.MarkedYAMLError as error:
        raise InputError(f"{_place(file, error.problem_mark)}: not YAML: {error.problem}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"config {file} is not UTF-8 (byte {error.start}); convert it") from None
    except yaml.reader.ReaderError as error:
        where = f"#x{error.character:04x} at position {error.position}"
        raise InputError(
            f"config {file} has a character that YAML does not allow: {where}"
        ) from None
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"config {file} cannot be read: {error}") from None
    if node is not None:
        _Walk(file).check(node, ())
    if not isinstance(node, yaml.MappingNode):
        held = "is empty" if node is None else "has no keys at its top level"
        raise InputError(f"config {file} {held}; write lines such as 'study: my_study'")
    return node


def check_override(pair):
    """Check one KEY=VALUE of ``--config``, which Snakemake reads by rules of its own.

    Python's numbers are taken there: ``4_1`` is 41, ``010`` is 10 and ``nan`` a number.

    Parameters
    ----------
    pair : str

    Raises
    ------
    InputError
        If it is not KEY=VALUE, or its value is read as a number but not written as a plain one.
    """
    key, _, value = pair.partition("=")
    # Snakemake takes quotes away, and then reads a number in what is left.
    value = value.strip("'\"")
    if not PAIR.match(pair):
        raise InputError(
            f"--config {pair}: write KEY=VALUE; a key has two letters or more, such as "
            "--config seed=3"
        )
    read = _number(value)
    if read is not None and not (INTEGER.fullmatch(value) or DECIMAL.fullmatch(value)):
        raise InputError(
            f"--config {pair}: {value} is read as {read}; write a plain number such as {key}=3; "
            "a name of this kind is given in quotes in the config file"
        )


def _number(word):
    """The number that Python reads in a word, or None."""
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            pass
    return None


def _place(file, mark):
    return f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)


class _Walk:
    """Visits every node of a file as often as aliases unfold it."""

    def __init__(self, file):
        self.file, self.visited = file, 0

    def check(self, node, above):
        """Check a node and those below it; `above` are the nodes that hold it."""
        self.visited += 1
        place = _place(self.file, node.start_mark)
        if self.visited > MOST:
            raise InputError(f"{place}: aliases unfold this config to over {MOST:,} values")
        if node.tag.rpartition(":")[2] not in KINDS:
            raise InputError(f"{place}: the tag {node.tag} is not allowed in a config")
        if node in above:
            raise InputError(f"{place}: this refers to itself")
        if len(above) > DEEPEST:
            raise InputError(f"{place}: nests too deep; at most {DEEPEST} levels")
        above = (*above, node)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._check_key(key)
                self.check(value, above)
                if key.tag.endswith(":merge"):
                    self._check_merged(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self.check(value, above)
        else:
            self._check_scalar(node)

    def _check_key(self, key):
        place = _place(self.file, key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            raise InputError(f"{place}: a key must be a word")
        kind = key.tag.rpartition(":")[2]
        if kind not in ("str", "merge"):
            raise InputError(
                f"{place}: the key {key.value} is read by YAML as {_reading(key)}; put it in "
                f"quotes: '{key.value}'"
            )

    def _check_merged(self, node):
        """What `<<` takes is a mapping, or a list of mappings."""
        for one in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(one, yaml.MappingNode):
                place = _place(self.file, one.start_mark)
                raise InputError(f"{place}: << takes a mapping, such as <<: *name")

    def _check_scalar(self, node):
        """Refuse a word whose reading is not what it looks like."""
        kind, word = node.tag.rpartition(":")[2], node.value
        place = _place(self.file, node.start_mark)
        if control_characters(word.replace("\n", " ").replace("\t", " ")):
            raise InputError(f"{place}: the value holds a control character")
        pattern = _NUMBERS.get(kind)
        odd = pattern is not None and not pattern.fullmatch(word)
        odd |= kind == "bool" and word not in BOOLEANS
        if odd or kind in ("timestamp", "value", "binary", "merge"):
            raise InputError(
                f"{place}: {word} is read by YAML as {_reading(node)}; put it in quotes if it is a "
                f"name or text ('{word}'), or write it as a plain number, true or false"
            )


def _reading(node):
    """What YAML makes of a plain word, in words."""
    try:
        return repr(yaml.SafeLoader("").construct_object(node, deep=True))
    except (yaml.YAMLError, ValueError):
        return f"a {node.tag.rpartition(':')[2]}"
