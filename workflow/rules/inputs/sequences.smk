"""What rules need to know of sequence sets and of what is measured of them."""


def obtained(source):
    """The downloaded file of a source."""
    return f"results/resources/{source}/{SOURCES[source]['file']}"


def archive(wildcards):
    """The downloaded file that holds a sequence set, if it comes from one."""
    chosen = study.sequences[wildcards.set]
    return [] if chosen.source is None else obtained(chosen.source)


def simulated_set(wildcards):
    """What random sequences depend on, or None for a set that is read from files."""
    return simulation(wildcards.set)


def simulation(name):
    """The same of a set by its name."""
    chosen = study.sequences[name]
    if chosen.simulated is None:
        return None
    oracle = chosen.measured.laboratory if chosen.measured else None
    drawn = {"length": study.length, "n": chosen.simulated, "seed": study.seed}
    planted = chosen.planted and str(study.letters.get(chosen.planted, chosen.planted))
    return {**drawn, "label": name, "oracle": oracle, "planted": planted}


def probe_table(wildcards):
    """The table of probes that a sequence set is read from, if it is."""
    chosen = study.sequences[wildcards.set].probes
    return [] if chosen is None else chosen.file


def probe_set(wildcards):
    """What a set of probes depends on besides its table, or None for another set."""
    chosen = study.sequences[wildcards.set].probes
    if chosen is None:
        return None
    return {**plain(chosen), "label": wildcards.set, "seed": study.seed}


def file_of_instances(key):
    """A function to the file of that key, of a set of stretches of a genome."""

    def file(wildcards):
        chosen = study.sequences[wildcards.set].instances
        return [] if chosen is None else getattr(chosen, key)

    return file


def instance_set(wildcards):
    """Letters that a set of stretches of a genome is cut about, or None for another set."""
    chosen = study.sequences[wildcards.set].instances
    if chosen is None:
        return None
    letters = str(study.letters.get(chosen.pattern, chosen.pattern))
    return {"pattern": letters, "mismatches": chosen.mismatches}


def measured_code(script):
    """A function to the digest of a script, and of the laboratory model that measures a set."""

    def digest(wildcards):
        measured = study.sequences[wildcards.set].measured
        return code_digest(script, *([validation.module(measured.laboratory)] if measured else []))

    return digest


def local_copy(wildcards):
    """The user's own copy of a source, if the config names one."""
    return study.sources.get(wildcards.source, [])


def sequences_memory(wildcards):
    """Megabytes for reading a sequence set: its letters, its names and their index."""
    chosen = study.sequences[wildcards.set]
    files = [*chosen.fasta, *([chosen.probes.file] if chosen.probes else [])]
    genome = [chosen.instances.genome] if chosen.instances else []
    return int(1000 + 8 * megabytes(files) + 2 * megabytes(genome))
