"""Digests of code: what a script's results depend on inside workflow/.

Snakemake reruns a job when its script changes, but not when a module changes that the script
imports. Each rule therefore carries this digest as a parameter. It covers the syntax trees of the
script and of every module it imports, directly or not; comments and docstrings do not count.
"""

import ast
import contextlib
import functools
import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _file(module):
    path = ROOT.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _imports(tree, package):
    """Dotted names a module may import, including ``from a import b`` as ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(
                [*(parents if node.level else []), *([node.module] if node.module else [])]
            )
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _without_docstrings(tree):
    for node in ast.walk(tree):
        documented = (ast.Module, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        # A settings class documents its fields with bare strings: they too are words, not code.
        if isinstance(node, ast.ClassDef):
            node.body = [n for n in node.body if not _is_text(n)] or [ast.Pass()]
    return tree


def _is_text(node):
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@functools.cache
def _read(path, package):
    tree = ast.parse(path.read_text(), str(path))
    modules = {name for name in _imports(tree, package) if name and _file(name)}
    # Importing a.b.c also runs a and a.b.
    parents = {name.rpartition(".")[0] for name in modules if "." in name}
    return ast.dump(_without_docstrings(tree)), frozenset(modules | parents)


def compiled_folder():
    """A folder for numba's compiled code that is new whenever the library's code is.

    numba sees an edit of a function's own file only; of a function that it inlined from another
    file it would go on using the old code.
    """
    code = hashlib.sha256()
    for path in sorted((ROOT / "giaflow").rglob("*.py")):
        text = path.read_bytes()
        if b"numba" in text or b"llvmlite" in text:
            code.update(text)
    for folder in (ROOT / ".numba", Path(tempfile.gettempdir()) / f"giaflow-{os.getuid()}"):
        with contextlib.suppress(OSError):
            chosen = folder / code.hexdigest()[:16]
            chosen.mkdir(parents=True, exist_ok=True)
            if os.access(chosen, os.W_OK):
                return str(chosen)
    return tempfile.mkdtemp(prefix="giaflow-")


def tree_digest():
    """Digest of all Python files of workflow/ as they are now: did one change since the run began?

    The digests of rules are taken when a run begins; a job that starts later runs what then stands
    in the files.
    """
    files = sorted(ROOT.rglob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]


@functools.cache
def code_digest(script, *modules):
    """Digest of a script, of the named modules, and of all they import inside workflow/.

    Parameters
    ----------
    script : str
        File name within workflow/scripts/.
    *modules : str
        Dotted names of plug-ins that the script loads by name.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    text, imported = _read(ROOT / "scripts" / script, "")
    return _digest({script: text}, [*imported, *modules])


@functools.cache
def module_digest(*modules):
    """The same for modules alone, named by their dotted names."""
    return _digest({}, list(modules))


def _digest(seen, todo):
    """Digest of the texts already seen and of the modules still to read, with all they import."""
    while todo:
        module = todo.pop()
        path = _file(module)
        if module in seen or path is None:
            continue
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        seen[module], further = _read(path, package)
        todo += [*further, module.rpartition(".")[0]]
    parts = (f"{name}:{text}" for name, text in sorted(seen.items()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
