"""Run TF-MoDISco on the attributions of one target, in a process of its own."""

import os
import subprocess
import sys
import tempfile

from giaflow.alphabet import one_hot
from giaflow.checks import InputError
from giaflow.fingerprint import compiled_folder
from giaflow.io.arrays import read_arrays
from giaflow.io.files import atomic
from giaflow.io.motifs import read_modisco, write_modisco_input
from giaflow.motifs import arguments, check_scores, seen_by_modisco
from job import log, run
from stored import stored

# The installed script `modisco` does not start in a folder whose path has a quote.
MODISCO = "import sys; from modiscolite.cli import cli; sys.argv[0] = 'modisco'; sys.exit(cli())"


def main(input, output, params, threads):
    sequences = seen_by_modisco(read_arrays(input[0]), params.sets, params.seed)
    codes = sequences["codes"].values
    scores = sequences["hypothetical"].sel(target=params.target).values
    check_scores(codes, scores)
    command = [sys.executable, "-c", MODISCO, "motifs"]
    command += arguments(codes.shape[1], params.width, params.seqlets)
    with atomic(output[0]) as temporary, tempfile.TemporaryDirectory() as folder:
        command += [*write_modisco_input(one_hot(codes), scores, folder), "-o", str(temporary)]
        settings = {**os.environ, "NUMBA_NUM_THREADS": str(max(2, threads))}
        # Ours is renewed with our code; what modisco compiles, numba keeps beside the package.
        if settings.get("NUMBA_CACHE_DIR") == compiled_folder():
            del settings["NUMBA_CACHE_DIR"]
        done = subprocess.run(command, capture_output=True, text=True, env=settings)
        log.info("%s\n%s%s", " ".join(command), done.stdout, done.stderr)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise InputError(f"TF-MoDISco stopped with exit code {done.returncode}: {reason}")
        log.info("%d patterns", len(read_modisco(temporary)))


run(stored(main), snakemake)
