"""Laboratory models of another length than the study's, and calibrations of none."""

from giaflow import validation
from giaflow.config.checks.names import unmeasured


def laboratory_faults(study):
    """Laboratory models that take another length than the study's, or a calibration of none."""
    known = {
        name: validation.load(model.laboratory)
        for name, model in study.models.items()
        if model.laboratory in validation.MODELS
    }
    for name, oracle in known.items():
        if oracle.length != study.length:
            yield (
                ("models", name, "laboratory"),
                f"laboratory model {oracle.name!r} takes {oracle.length} letters, but the "
                f"config's length is {study.length}",
            )
    for name, one in study.sequences.items():
        if one.measured and one.measured.laboratory in validation.MODELS:
            oracle = validation.load(one.measured.laboratory)
            if oracle.length != study.length or not oracle.motifs:
                yield (
                    ("sequences", name, "measured", "laboratory"),
                    f"laboratory model {oracle.name!r} takes {oracle.length} letters and has "
                    f"{len(oracle.motifs)} motifs to plant; the config's length is {study.length}",
                )
    for name, model in study.models.items():
        fault = unmeasured(study, model)
        if fault and fault[1] in study.sequences:
            yield (
                ("models", name, "train", "measured", fault[0]),
                f"sequence set {fault[1]!r} has no `measured`, so the values must be given",
            )
    if study.calibration and not any(oracle.link is None for oracle in known.values()):
        yield (
            ("calibration",),
            "calibration needs a laboratory model with exact truths (LabR, LabD, ...)",
        )
