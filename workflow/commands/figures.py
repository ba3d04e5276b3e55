"""Make the tables and figures of published networks and data: `make figures`.

Runs each study of `paper_studies` whose files lie in the folder given first, in its own folder of
results/figures/, and says of the others what must be supplied. Further words are handed on to
Snakemake.
"""

import sys
from pathlib import Path

from commands.paper_studies import advice, complete, folder_of, layouts, run_study


def main(folder, words):
    """Run all studies that can run; 0 if each of them finished."""
    data, lines = Path(folder), []
    broken = False
    for name, some in layouts().items():
        study = complete(some, data)
        if study is None:
            lines += [f"{name}: not run", *(f"    {line}" for line in advice(some, data))]
            continue
        print(f"== {name}", flush=True)
        if run_study(study, data, words):
            lines.append(f"{name}: {folder_of(study) / 'results'}, from report.html on")
            lines += [f"    {study.lacks}"] if study.lacks else []
        else:
            lines.append(f"{name}: FAILED")
            broken = True
    print("\n".join(lines))
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
