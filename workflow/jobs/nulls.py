"""The arrays that some null models need besides their reference, read from the study's files."""

import numpy as np

from giaflow.base.checks import InputError
from giaflow.io.arrays import read_arrays
from giaflow.io.fasta import load_sequences
from giaflow.io.genome import Genome, blocked, cut, known
from giaflow.io.intervals import read_bed
from giaflow.io.text_tables import read_values
from giaflow.nulls.gc_matched import Windows, tile_starts
from giaflow.sequences.places import Places
from jobs.run import log, warn


def arrays_for(needed, input, chosen, reference, names, places):
    """What `needs(settings)` of a null model asks for.

    Parameters
    ----------
    needed : tuple of str
        Of "windows", "candidates" and "values".
    input : namedlist
        The rule's input files.
    chosen : dict
        The null's section of the config.
    reference : numpy.ndarray
        (M, L) uint8 codes.
    names : numpy.ndarray
        (M,) names of the reference sequences.
    places : giaflow.sequences.places.Places
        Of the reference sequences.

    Returns
    -------
    arrays : dict
        Name to array.
    sources : callable
        Rows (N,) that `nulls.backgrounds` returned -> names (N,) and `Places` of what they point
        to.
    counted : dict of str to int
        ``repeated_windows``, which were cut twice and are used once, and ``summits_ignored``, of
        regions that were cut about their middles; nothing without regions.
    """
    length = reference.shape[1]
    if "windows" in needed:
        genome = Genome(input.genome)
        starts = _tiles(genome, input.avoid, length)
        log.info("%d windows of %s to choose from", len(starts), genome.path)
        windows = Windows(genome.codes, starts, length)
        return {"windows": windows}, lambda rows: _named(genome.places(starts[rows], length)), {}
    if "candidates" in needed:
        codes, names, places, counted = _candidates(input, chosen["inputs"], length)
        return {"candidates": codes}, lambda rows: (names[rows], places[rows]), counted
    arrays = {"values": _values(input, chosen, names)} if "values" in needed else {}
    return arrays, lambda rows: (names[rows], places[rows]), {}


def _named(places):
    """Names and places."""
    return places.names, places


def _tiles(genome, files, length):
    """Starts (W,) in the genome's codes of all windows that touch no interval of the BED files."""
    avoided = []
    for file in files:
        kept, missing = known(genome, read_bed(file), file, strict=False)
        if missing:
            log.warning("%d intervals of %s are on other chromosomes", missing, file)
        avoided += kept
    spans = blocked(genome, avoided)
    return np.concatenate(
        [
            genome.offsets[chrom] + tile_starts(size, length, spans[chrom])
            for chrom, size in genome.sizes.items()
        ]
    )


def _candidates(input, options, length):
    """Codes (W, L), names (W,) and places of real sequences: FASTA, or regions of a genome."""
    if input.fasta:
        codes, _, columns, _ = load_sequences(
            input.fasta, length, "keep", coordinates=options["coordinates"]
        )
        return codes, np.array(columns["name"]), Places.of(columns), {}
    genome, parts, ignored = Genome(input.genome), [], 0
    for file in input.regions:
        regions, _ = known(genome, read_bed(file), file, strict=True)
        summits = sum(one.summit >= 0 for one in regions)
        if options["center"] == "summit":
            log.info(
                "%s: %d of %d regions have no summit", file, len(regions) - summits, len(regions)
            )
        elif summits:
            ignored += summits
            warn(f"{file}: {summits} summits are ignored; center: summit cuts about them")
        codes, places, dropped = cut(genome, regions, length, file, options["center"])
        # A file that counts from 1 cannot be told apart: show what was read.
        log.info("%s: %d regions, %d dropped at an edge", file, len(codes), dropped)
        log.info("first region %s", places.names[0])
        parts.append((codes, places))
    codes, places = zip(*parts, strict=True)
    codes, places = np.concatenate(codes), Places.joined(places)
    once = places.first_of_each()
    if repeated := len(codes) - len(once):
        warn(f"{repeated} windows are cut twice, such as for two summits of a peak: used once")
    counted = {"repeated_windows": repeated, "summits_ignored": ignored}
    return codes[once], *_named(places[once]), counted


def _values(input, chosen, names):
    """Values (M,) of the reference sequences: measured ones, or a model's predictions."""
    if input.predictions:
        predictions = read_arrays(input.predictions)
        target = chosen["inputs"]["target"]
        known_targets = [str(one) for one in predictions["target"].values]
        if target not in known_targets:
            raise InputError(
                f"inputs.target {target!r} is not a target of model {chosen['inputs']['model']!r}, "
                f"which has {', '.join(known_targets)}"
            )
        found = predictions["prediction"].sel(target=target)
        return np.concatenate(
            [found.values[predictions["set"].values == name] for name in chosen["sequences"]]
        )
    columns = chosen["inputs"]["values"]
    measured = read_values(input.values, columns["name"], columns["value"])
    missing = [name for name in names if name not in measured]
    if missing:
        raise InputError(
            f"table {input.values} has no value for {len(missing)} of {len(names)} sequences "
            f"(first: {missing[0]!r})"
        )
    return np.array([measured[name] for name in names])
