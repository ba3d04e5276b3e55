"""Check the config files of a snakemake command line before Snakemake reads them.

    python -m commands.check_config [the arguments of snakemake]

Snakemake itself ends in a traceback for a file that is not there or that nests too deep, and in
hours of silence for one whose aliases unfold to gigabytes; `make run` asks here first.
"""

import re
import sys

from giaflow.base.checks import InputError
from giaflow.io.config_text import compose

FILES = ("--configfile", "--configfiles")
PAIR = re.compile(r"[A-Za-z_][A-Za-z0-9_]+=")


def given(arguments, names):
    """The values behind an option that takes several, in a command line."""
    found, taking = [], False
    for word in arguments:
        option, equals, value = word.partition("=")
        if option in names:
            taking = True
            found += [value] if equals else []
        elif word.startswith("-"):
            taking = False
        elif taking:
            found.append(word)
    return found


def main(*arguments):
    try:
        for file in given(arguments, FILES):
            compose(file)
        for pair in given(arguments, ("--config", "-C")):
            if not PAIR.match(pair):
                raise InputError(
                    f"--config {pair}: write KEY=VALUE; a key has two letters or more, such as "
                    "--config seed=3"
                )
    except InputError as error:
        return f"ERROR: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
