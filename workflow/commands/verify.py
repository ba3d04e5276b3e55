"""Hold results/ against its manifest: `make verify`.

Recomputes the hash of every file and every input, names each that is missing, changed or unknown,
with the command that makes it again, and ends with an error if there is one.
"""

import sys

from giaflow.base.checks import InputError
from giaflow.io.manifest import INPUT, verified

REMEDY = "snakemake --cores all --force -- {}"


def main(folder="."):
    """Verify the study of a folder; 0 if every file is as it was made."""
    try:
        wrong, count = verified(folder)
    except InputError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    for file, problem, rule in wrong:
        print(f"{file}: {problem}" + (f"; rule {rule} makes it" if rule not in ("", INPUT) else ""))
    again = [file for file, _, rule in wrong if rule not in ("", INPUT)]
    if again:
        print("Make again, with the --configfile of the study if it has one, what is not right:")
        print("  " + REMEDY.format(" ".join(again)))
        print("and then what rests on it:\n  snakemake --cores all")
    elif any(rule == INPUT for _, _, rule in wrong):
        print("Make anew what depends on these inputs:\n  snakemake --cores all")
    print(f"{len(wrong)} problems; {count} files in the manifest")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
