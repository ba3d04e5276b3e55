"""Imports flow one way: the table of architecture, held against the code."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "workflow" / "giaflow"

# The rooms of the library, from the top down: a package imports only packages further down.
ROOMS = (
    "config", "validation", "experiments", "attribution", "edits", "nulls", "statistics", "models",
    "io", "sequences", "plot", "base",
)  # fmt: skip
FLOOR = {room: floor for floor, room in enumerate(ROOMS)}

# What only one place may import.
ONLY = {
    "tensorflow": {"models"},
    "keras": {"models"},
    "pyfaidx": {"io"},
    "xarray": {"io"},
    "h5py": {"io", "models"},
    "pyjaspar": {"io"},
    "RNA": {"sequences"},
    "pyarrow": {"io"},
    "matplotlib": {"plot"},
    "seaborn": {"plot"},
    "logomaker": {"plot"},
}
FORBIDDEN = {"snakemake", "argparse"}


def imports_of(path):
    """(top-level package, part of giaflow or None) of every import in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module]
            if node.module == "giaflow":
                names = [f"giaflow.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            yield parts[0], parts[1] if parts[0] == "giaflow" and len(parts) > 1 else None


def modules():
    for path in sorted(LIBRARY.rglob("*.py")):
        part = path.relative_to(LIBRARY).parts[0].removesuffix(".py")
        if part != "__init__":
            yield part, path


def test_every_module_stands_in_a_room():
    assert {part for part, _ in modules()} == set(ROOMS)


@pytest.mark.parametrize(("part", "path"), list(modules()), ids=str)
def test_a_module_imports_only_rooms_further_down(part, path):
    assert part in FLOOR, f"{path} stands in no room: move it into a package of ROOMS"
    for package, inner in imports_of(path):
        assert package not in FORBIDDEN, f"{path} imports {package}"
        assert part in ONLY.get(package, {part}), f"{path} imports {package}"
        if inner not in (None, part):
            assert FLOOR[inner] > FLOOR[part], f"{path} imports {inner}, which is further up"


@pytest.mark.parametrize(("part", "path"), list(modules()), ids=str)
def test_the_library_prints_nothing_and_reads_no_environment(part, path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and getattr(node.func, "id", None)
        assert called != "print", f"{path}:{node.lineno} prints"
        assert not (isinstance(node, ast.Attribute) and node.attr == "environ"), path
        opens = called == "open" or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"open", "read_text", "write_text", "read_bytes", "write_bytes"}
        )
        # The digest reads source code; a model's door reads the file it checks.
        may_open = part == "io" or path.name == "code_digest.py" or path.parent.name == "readers"
        assert not opens or may_open, f"{path}:{node.lineno} opens a file"


def test_config_and_registries_do_not_import_tensorflow():
    code = (
        "import sys; import giaflow.config, giaflow.config.checks\n"
        "from giaflow import attribution, experiments, nulls\n"
        "from giaflow.experiments import summaries\n"
        "from giaflow.models import functionals as read\n"
        "from giaflow.models.training import architectures\n"
        "for registry in (nulls, experiments, summaries, attribution, architectures, read):\n"
        "    [registry.REGISTRY.load(name) for name in registry.REGISTRY.names]\n"
        "sys.exit(' '.join({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "workflow", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


# What is shared between work directories: expensive steps, and no others.
STORED = {
    "attribution", "backgrounds", "band", "calibrate", "experiment", "marks", "modisco",
    "predict_null", "predict_sequences", "second_order_ism", "train", "truth",
}  # fmt: skip
NEEDED = ("code", "software")


def test_only_expensive_steps_use_the_store_and_their_rules_say_what_they_depend_on():
    scripts = (ROOT / "workflow" / "scripts").glob("*.py")
    assert {path.stem for path in scripts if "stored(main)" in path.read_text()} == STORED
    text = "".join(path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    # What several rules have in common is a mapping above them.
    shared = dict(re.findall(r"^(\w+) = \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE))
    rules = [
        re.sub(r"\*\*(\w+)", lambda found: shared.get(found[1], ""), rule)
        for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]
    ]
    for name in STORED:
        users = [rule for rule in rules if f"../scripts/{name}.py" in rule]
        assert users, name
        for rule in users:
            # A coarse job has the parameters of the rule of one run.
            coarse = rule.startswith("all_") and "runs=plans_of(" in rule
            told = all(re.search(rf"^ +\"?{key}\"?[:=]", rule, re.MULTILINE) for key in NEEDED)
            assert coarse or told, rule.partition(":")[0]


def test_scripts_use_only_what_their_rule_hands_them():
    for path in sorted((ROOT / "workflow" / "scripts").glob("*.py")):
        text = path.read_text()
        ends = re.compile(
            r"^run\((main|each\(main\)|stored\(main\)|each\(stored\(main\)\)), snakemake\)\n\Z",
            re.MULTILINE,
        )
        assert ends.search(text), path
        assert text.count("snakemake)") == 1 and "snakemake." not in text, path


def test_every_registered_name_is_a_file_and_every_file_is_registered():
    from giaflow import attribution, experiments, nulls
    from giaflow.models import functionals
    from giaflow.models.training import architectures

    for package in (architectures, attribution, experiments, functionals, nulls):
        folder = Path(importlib.import_module(package.REGISTRY.package).__file__).parent
        plugins = {
            path.stem
            for path in folder.glob("*.py")
            if any(
                isinstance(node, ast.ClassDef) and node.name == "Settings"
                for node in ast.parse(path.read_text()).body
            )
        }
        assert plugins == set(package.REGISTRY.names), package.__name__


def test_every_registered_summary_is_a_file_of_an_experiment_and_every_file_is_registered():
    from giaflow import experiments
    from giaflow.experiments import summaries

    folder = Path(summaries.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == set(summaries.REGISTRY.names)
    assert files <= set(experiments.REGISTRY.names)
