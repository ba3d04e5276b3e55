"""Why the jobs of a run failed, in one sentence each, read from their logs."""

import re
from pathlib import Path

BEGAN = re.compile(r"^[-0-9]+ [0-9:,]+ INFO rule ([^,\n]+),", re.MULTILINE)
RECORD = re.compile(r"^[-0-9]+ [0-9:,]+ [A-Z]+ ", re.MULTILINE)
ERROR = re.compile(r"^[-0-9]+ [0-9:,]+ ERROR ", re.MULTILINE)
DONE = re.compile(r" INFO done\s*\Z")


def failures(logs, since):
    """What ended each failed job of a run.

    Parameters
    ----------
    logs : str or pathlib.Path
        Folder of logs.
    since : float
        Only logs written after this time (s since 1970).

    Returns
    -------
    list of str
        One message a job, by the path of its log; a job whose log does not say how it ended was
        killed.
    """
    paths = [path for path in Path(logs).rglob("*.log") if path.stat().st_mtime >= since]
    told = [_reason(path, path.read_text(errors="replace")) for path in sorted(paths)]
    # Jobs that read the same faulty file say the same.
    return list(dict.fromkeys(reason for reason in told if reason))


def _reason(path, text):
    """Why the job of a log failed; None if it did not fail, or the log is not of a job."""
    began = BEGAN.search(text)
    if not began or DONE.search(text):
        return None
    rule = began[1]
    if errors := list(ERROR.finditer(text)):
        start = errors[-1].end()
        following = RECORD.search(text, start)
        message = text[start : following.start() if following else len(text)].strip()
        return f"ERROR in rule {rule}: {message}"
    return (
        f"ERROR in rule {rule}: the job of {path} was killed, most likely because it ran out of "
        f"memory (--set-resources {rule}:mem_mb=... asks for more) or of time, unless you stopped "
        "it. Rerun the same command to continue."
    )
