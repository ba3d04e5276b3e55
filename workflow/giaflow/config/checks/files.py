"""Files that are not where the study says."""


def absent_files(study, exists):
    """Files that are not where the study says: their owner must supply them."""
    if exists is None:
        return
    for name, model in study.models.items():
        if model.path is not None and not exists(model.path):
            yield (
                ("models", model.family or name, "path"),
                f"model {model.path} not found; give the file of your network there, or on the "
                f"command line: --config 'models={{{name}: {{path: my_network.keras}}}}'",
            )
    tables = {
        ("sequences", name, "probes", "file"): one.probes.file
        for name, one in study.sequences.items()
        if one.probes
    }
    for name, one in study.sequences.items():
        for key in ("genome", "regions") if one.instances else ():
            tables["sequences", name, "instances", key] = getattr(one.instances, key)
    for name, model in study.models.items():
        if model.train and model.train.measured:
            where = ("models", model.family or name, "train", "measured", "values")
            tables |= {
                (*where, target, "file"): values.file
                for target, values in model.train.measured.values.items()
            }
    for path, file in tables.items():
        if not exists(file):
            yield (
                path,
                f"there is no file {file!r}; save yours there, or give its path here: "
                "resources/README.md says where such tables come from",
            )
