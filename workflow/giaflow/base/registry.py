"""Registries: explicit names of plug-in modules, imported only when used."""

import importlib
from dataclasses import dataclass

from giaflow.base.checks import check_name


@dataclass(frozen=True)
class Registry:
    """The plug-ins of one kind: module ``<package>.<name>`` for each name.

    Attributes
    ----------
    kind : str
        What a member is called in messages, for example "null model".
    package : str
        Dotted name of the package that holds the modules.
    names : tuple of str
        Every registered name, in the order of the documentation.
    """

    kind: str
    package: str
    names: tuple

    def module(self, name):
        """Dotted module name of a member, for code digests; raises `InputError` if unknown."""
        check_name(name, self.names, self.kind)
        return f"{self.package}.{name}"

    def load(self, name):
        """Import and return the module of a member; raises `InputError` if unknown."""
        return importlib.import_module(self.module(name))
