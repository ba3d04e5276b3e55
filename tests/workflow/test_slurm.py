"""A small study through a real SLURM: lost jobs, lack of memory, shards, the store, equal bytes."""

import subprocess
import time

import pytest
from cluster import Cluster, run, why_not
from conftest import STUDY, make_project, with_one_null
from test_shared_store import answers

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

# Each job of a cluster costs seconds before it works: one null model, experiment and attribution.
SMALL = {key: value for key, value in with_one_null(STUDY).items() if key != "motifs"}
# Three tiles of backgrounds and three blocks of sequences: every shard has one.
SMALL["nulls"] = {"dinucleotide": {**SMALL["nulls"]["dinucleotide"], "n": 300}}
SMALL["attribution"] = {"sequences": {"peaks": 150}, "methods": [{"method": "saliency"}]}
SMALL["experiments"] = {"halves": STUDY["experiments"]["halves"]}
# What the cluster runs: cut into shards, with a store that all its jobs share.
CUT = {
    **SMALL,
    "jobs": {"attribution_shards": 3, "experiment_shards": 3},
    "store": {"folder": "../store"},
}
# Too little for TensorFlow when the first shard is first tried; enough, with what Snakemake takes,
# for the others and the second time.
STARVED = "attribution_shard:mem_mb=500 + 2500 * (attempt > 1 or wildcards.part > '1')"
SECONDS = 1200
PREDICTED = "results/models/small/experiments/dinucleotide/halves/predictions.nc"
SCORED = "results/models/small/attribution/saliency.nc"


def wait_for(condition, process):
    """The first true answer while a process runs."""
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.5)
    raise AssertionError("the run ended before what was waited for")


def made(project):
    """Bytes of every result but what tells times: logs, benchmarks, report and their hashes."""
    folder, times = (
        project.folder / "results",
        ("logs", "benchmarks", "report.html", "manifest.json"),
    )
    files = (path for path in folder.rglob("*") if path.is_file())
    named = {str(path.relative_to(folder)): path for path in files}
    return {
        name: path.read_bytes()
        for name, path in named.items()
        if name.partition("/")[0] not in times
    }


def of(jobs, rule):
    """The SLURM jobs of a rule, first try first."""
    return [job for job in jobs if job["Comment"].startswith(f"rule_{rule}")]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """The small study, run on a cluster; its training is cancelled once.

    Returns the project, SLURM's jobs, what was said; a project in which the same study ran
    meanwhile, on one core, uncut and without a store; and one in which nothing was run yet, with
    the same code whoever edits it meanwhile.
    """
    folder = tmp_path_factory.mktemp("slurm")
    project, second = (make_project(folder / name, CUT) for name in ("project", "second"))
    local = make_project(folder / "local", SMALL)
    command = [
        *("--profile", "workflow/profiles/slurm", "--default-resources", "slurm_partition=main"),
        *("--set-resources", STARVED, "train:gpu=1", "--slurm-init-seconds-before-status-checks=2"),
    ]

    def start(which, *arguments):
        with (which.folder / "output.txt").open("w") as stream:
            return which.started(*arguments, stdout=stream, stderr=subprocess.STDOUT)

    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:

        def training():
            return [
                job["JobId"]
                for job in of(cluster.jobs(), "train")
                if job["JobState"] == "RUNNING" and (project.folder / "results/logs/train").exists()
            ]

        processes = [start(project, *command), start(local, "--cores", "1")]
        try:
            run("scancel", *wait_for(training, processes[0]))
            for process in processes:
                process.wait(SECONDS)
        finally:
            for process in processes:
                process.terminate()
        jobs = cluster.jobs()
    said = [(made_in.folder / "output.txt").read_text() for made_in in (project, local)]
    assert [process.returncode for process in processes] == [0, 0], [text[-5000:] for text in said]
    return project, jobs, said[0], local, second


def test_a_cancelled_job_is_tried_again(slurm):
    _, jobs, output, *_ = slurm
    assert [job["JobState"] for job in of(jobs, "train")] == ["CANCELLED", "COMPLETED"]
    assert "Trying to restart job" in output


def test_a_job_out_of_memory_gets_more(slurm):
    _, jobs, *_ = slurm
    first, second = of(jobs, "attribution_shard_wildcards_small_1_3")
    assert first["JobState"] in ("FAILED", "OUT_OF_MEMORY") and second["JobState"] == "COMPLETED"
    assert (first["MinMemoryNode"], second["MinMemoryNode"]) == ("500M", "3000M")


def test_results_of_shards_are_those_of_a_local_run_on_one_core(slurm):
    project, jobs, _, local, _ = slurm
    expected, mine = made(local), made(project)
    assert len(mine) > 30 and {PREDICTED, SCORED} <= {f"results/{name}" for name in mine}
    assert set(mine) == set(expected)
    different = [name for name in mine if mine[name] != expected[name]]
    assert different == []
    for rule in ("attribution_shard", "experiment_shard"):
        done = [job for job in of(jobs, rule) if job["JobState"] == "COMPLETED"]
        assert len({job["Comment"] for job in done}) == 3
    assert project.planned() == set()


def test_what_jobs_of_the_cluster_kept_is_computed_by_nobody_else(slurm):
    project, *_, second = slurm
    expensive = {
        "attribution_shard": 3, "backgrounds": 1, "experiment_shard": 3, "predict_null": 1,
        "predict_sequences": 1, "train": 1,
    }  # fmt: skip
    kept = answers(project.folder)
    assert kept == {rule: ["not in"] * n for rule, n in expensive.items()}
    done = second.snakemake("--cores", "2", "--", PREDICTED, SCORED)
    assert done.returncode == 0, done.stdout + done.stderr
    taken = {rule: ["from"] * n for rule, n in expensive.items()}
    assert answers(second.folder).items() <= taken.items()
    for file in (PREDICTED, SCORED):
        assert (second.folder / file).read_bytes() == (project.folder / file).read_bytes()


def test_short_jobs_share_one_and_cards_are_asked_for(slurm):
    _, jobs, *_ = slurm
    assert len(of(jobs, "statistics_figure_importance_positive_controls")) == 1
    assert all("gres:gpu:1" in job["TresPerJob"] for job in of(jobs, "train"))
    assert not any("TresPerJob" in job for job in of(jobs, "attribution"))
