"""Why the jobs of a run failed, as their logs say."""

import time

from giaflow.io.failures import failures

BEGAN = "2026-01-01 10:00:00,000 INFO rule train, giaflow 1, 1 threads\n"
LOGS = {
    "done": f"{BEGAN}2026-01-01 10:00:01,000 ERROR in a tool\n2026-01-01 10:00:02,000 INFO done\n",
    "wrong": f"{BEGAN}2026-01-01 10:00:01,000 ERROR no such target\nsecond line\n",
    "same": f"{BEGAN}2026-01-01 10:00:01,000 ERROR no such target\nsecond line\n",
    "killed": f"{BEGAN}2026-01-01 10:00:01,000 INFO epoch 3\n",
    "tool": "output of some tool\n",
}


def test_each_reason_is_said_once(tmp_path):
    for name, text in LOGS.items():
        (tmp_path / f"{name}.log").write_text(text)
    killed, wrong = failures(tmp_path, 0)
    assert "killed.log was killed" in killed and "train:mem_mb" in killed
    assert wrong == "ERROR in rule train: no such target\nsecond line"
    assert failures(tmp_path, time.time() + 60) == []
