"""Run TF-MoDISco on the attributions of one target, in a process of its own."""

import os
import subprocess
import sys
import tempfile

from giaflow.attribution.modisco import arguments, check_scores, seen_by_modisco
from giaflow.attribution.modisco_exit import why_it_stopped
from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.base.code_digest import compiled_folder
from giaflow.io.arrays import read_arrays
from giaflow.io.files import atomic
from giaflow.io.motifs import read_modisco, write_modisco_input, write_no_patterns
from jobs.run import log, run, warn
from jobs.store import stored

# The installed script `modisco` does not start in a folder whose path has a quote.
MODISCO = "import sys; from modiscolite.cli import cli; sys.argv[0] = 'modisco'; sys.exit(cli())"


def main(input, output, params, threads):
    sequences = seen_by_modisco(read_arrays(input[0]), params.sets, params.seed)
    codes = sequences["codes"].values
    scores = sequences["hypothetical"].sel(target=params.target).values
    try:
        check_scores(codes, scores, params.method)
        chosen = arguments(codes.shape[1], params.width, params.seqlets)
    except InputError as error:
        nothing(params.target, str(error), output[0])
        return
    command = [sys.executable, "-c", MODISCO, "motifs", *chosen]
    with atomic(output[0]) as temporary, tempfile.TemporaryDirectory() as folder:
        command += [*write_modisco_input(one_hot(codes), scores, folder), "-o", str(temporary)]
        settings = {**os.environ, "NUMBA_NUM_THREADS": str(max(2, threads))}
        # Ours is renewed with our code; what modisco compiles, numba keeps beside the package.
        if settings.get("NUMBA_CACHE_DIR") == compiled_folder():
            del settings["NUMBA_CACHE_DIR"]
        done = subprocess.run(command, capture_output=True, text=True, env=settings)
        log.info("%s\n%s%s", " ".join(command), done.stdout, done.stderr)
        if done.returncode:
            reason = why_it_stopped(done.returncode, done.stderr)
            flat = 100 * (one_hot(codes) * scores == 0).all(axis=-1).mean()
            reason += f"; the contributions of {flat:.0f} % of letters are exactly 0"
            write_no_patterns(temporary, reason)
            warn(f"no motifs for {params.target}: {reason}")
        log.info("%d patterns", len(read_modisco(temporary)))


def nothing(target, reason, path):
    """A result without patterns, which says why."""
    with atomic(path) as temporary:
        write_no_patterns(temporary, reason)
    warn(f"no motifs for {target}: {reason}")


run(stored(main), snakemake)
