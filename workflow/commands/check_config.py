"""Check the config files of a snakemake command line before Snakemake reads them.

    python -m commands.check_config [the arguments of snakemake]

Snakemake itself ends in a traceback for a file that is not there or that nests too deep, and in
hours of silence for one whose aliases unfold to gigabytes; `make run` asks here first.
"""

import sys

from giaflow.base.checks import InputError
from giaflow.io.config_lines import locator
from giaflow.io.config_text import check_override

FILES = ("--configfile", "--configfiles")


def given(arguments, names):
    """The values behind an option that takes several, in a command line."""
    found, taking = [], False
    for word in arguments:
        option, equals, value = word.partition("=")
        if option in names:
            taking = True
            found += [value] if equals else []
        elif word.startswith("-C") and "-C" in names:
            taking = True
            found.append(word[2:])
        elif word.startswith("-"):
            taking = False
        elif taking:
            found.append(word)
    return found


def main(*arguments):
    try:
        for file in given(arguments, FILES):
            locator([file])
        for pair in given(arguments, ("--config", "-C")):
            check_override(pair)
    except InputError as error:
        return f"ERROR: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
