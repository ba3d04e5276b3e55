"""From a raw configuration to a checked `Study`, or one sentence for every mistake.

Each of the modules below finds the mistakes of one kind: key paths and sentences.
"""

from pydantic import ValidationError

from giaflow.base.checks import InputError
from giaflow.config import Study
from giaflow.config.checks.explain import explanations
from giaflow.config.checks.faults import study_faults
from giaflow.config.checks.files import absent_files, finder


def load_study(
    raw,
    locate=lambda path: "config",
    sources=(),
    read_matrix=None,
    read_rows=None,
    exists=None,
    folders=(),
):
    """Check a configuration completely, before any job starts.

    Parameters
    ----------
    raw : dict
        As read from YAML.
    locate : callable, optional
        Key path (tuple of str and int) -> text such as ``config/config.yaml:12``.
    sources : collection of str, optional
        Names of what can be obtained (resources/sources.tsv).
    read_matrix : callable, optional
        `giaflow.io.matrices.matrix_of`; needed for patterns that are matrices.
    read_rows : callable, optional
        `giaflow.io.text_tables.read_rows`; needed for models from tables.
    exists : callable, optional
        Path -> whether there is such a file; without it, files are not looked for.
    folders : list of str, optional
        Where a relative path is sought after the working directory; needs `exists`.

    Returns
    -------
    giaflow.config.Study

    Raises
    ------
    InputError
        One line per mistake: where, which key and value, what is allowed, the nearest name.
    """
    try:
        find = None if exists is None else finder(folders, exists)
        context = {"find": find, "read": read_matrix, "rows": read_rows, "patterns": None}
        study = Study.model_validate(raw, context=context)
    except ValidationError as error:
        faults = explanations(error.errors())
        if any(path[:1] == ("patterns",) for path, _ in faults):
            # Experiments may have named the patterns that could not be read.
            faults = [fault for fault in faults if fault[0][:1] != ("experiments",)]
    else:
        faults = [*study_faults(study, sources), *absent_files(study, exists, folders)]
    if faults:
        lines = [_line(locate, path, text) for path, text in faults]
        raise InputError("\n".join(dict.fromkeys(lines)))
    return study


def _line(locate, path, text):
    """Where a mistake is, its key and its sentence."""
    # A fault of the whole study begins with the key it is about.
    place = path or (text.partition(":")[0],)
    return ": ".join([locate(place), *([".".join(map(str, path))] if path else []), text])
