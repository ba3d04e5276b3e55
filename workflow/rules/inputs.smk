"""What the rules need to know of each part of the study, one file a part."""


include: "inputs/contents.smk"
include: "inputs/sequences.smk"
include: "inputs/models.smk"
include: "inputs/nulls.smk"
include: "inputs/experiments.smk"
include: "inputs/calibration.smk"
include: "inputs/shards.smk"
include: "inputs/published.smk"
include: "inputs/run.smk"
