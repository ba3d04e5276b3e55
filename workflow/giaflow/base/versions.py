"""Versions of the libraries a result depends on."""

from importlib import metadata

# TensorFlow comes under several names: the processor and the GPU build are different packages.
ALIASES = {"tensorflow": ("tensorflow", "tensorflow-cpu")}


def versions(*packages):
    """Installed versions as sorted ``name=version`` texts; a missing package is named as such."""
    found = []
    for package in sorted(packages):
        version = "not installed"
        for name in ALIASES.get(package, (package,)):
            try:
                version = metadata.version(name)
                break
            except metadata.PackageNotFoundError:
                continue
        found.append(f"{package}={version}")
    return found
