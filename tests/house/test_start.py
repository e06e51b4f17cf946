"""Facts about start.py: it needs Python alone, does nothing twice, and says what is missing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import start

ROOT = Path(start.__file__).parent
LOCKS = sorted(ROOT.glob("requirements*.txt"))


class Installer:
    """Stands in for venv and pip, and remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0
        self.installed: list[list[str]] = []
        self.fails = False

    def create(self, folder: Path, python: Path) -> None:
        self.made += 1
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    def install(self, _: Path, locks: list[str]) -> None:
        if self.fails:
            raise start.Problem("No network.")
        self.installed.append(locks)


@pytest.fixture
def installer(tmp_path, monkeypatch):
    for name in start.LOCKS:
        (tmp_path / f"{name}.txt").write_text(f"{name} 1")
    stand_in = Installer(tmp_path / "venv")
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "RUNTIME", stand_in.folder)
    monkeypatch.setattr(start, "create", stand_in.create)
    monkeypatch.setattr(start, "install", stand_in.install)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return stand_in


def test_start_py_imports_the_standard_library_alone():
    tree = ast.parse((ROOT / "start.py").read_text("utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names


def test_an_old_python_can_read_start_py_far_enough_to_be_told_so():
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 7))


def test_a_second_start_installs_nothing(installer):
    start.prepare_runtime()
    start.prepare_runtime()
    assert installer.made == 1
    assert installer.installed == [["requirements"]]


def test_a_changed_lock_is_installed_on_top(installer):
    start.prepare_runtime()
    (start.ROOT / "requirements.txt").write_text("requirements 2")
    start.prepare_runtime()
    assert installer.made == 1
    assert len(installer.installed) == 2


def test_another_python_starts_afresh(installer, monkeypatch):
    start.prepare_runtime()
    monkeypatch.setattr(sys, "base_prefix", "/opt/another")
    start.prepare_runtime()
    assert installer.made == 2


def test_an_unfinished_installation_is_not_taken_for_a_finished_one(installer):
    start.prepare_runtime()
    lock = start.ROOT / "requirements.txt"
    before = lock.read_text()
    lock.write_text("requirements 2")
    installer.fails = True
    with pytest.raises(start.Problem):
        start.prepare_runtime()
    lock.write_text(before)
    installer.fails = False
    start.prepare_runtime()
    assert len(installer.installed) == 2


def test_the_postgresql_driver_comes_only_with_a_postgresql_address(installer, monkeypatch):
    start.prepare_runtime()
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/alongside")
    start.prepare_runtime()
    monkeypatch.delenv("DATABASE_URL")
    start.prepare_runtime()
    assert installer.installed == [["requirements"], ["requirements", "requirements-postgres"]]


def test_a_python_without_venv_is_answered_with_the_command_to_type(tmp_path, monkeypatch):
    monkeypatch.setattr(
        start.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", "no ensurepip")
    )
    monkeypatch.setattr(start.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(start, "install_venv_as_root", lambda: False)
    with pytest.raises(start.Problem, match=rf"sudo apt-get install {start.venv_package()}"):
        start.create(tmp_path / "venv", tmp_path / "venv/bin/python")


@pytest.mark.parametrize("words", [["rnu"], ["run", "--fast"], ["check", "--fix"], ["serve", "8000"]])
def test_wrong_use_has_status_2(words, capsys):
    assert start.main(words) == 2
    assert words[-1] in capsys.readouterr().err


def test_every_check_runs_and_each_failure_is_named(installer, monkeypatch, capsys):
    ran = []

    def call(command: list[str], _: object = None) -> int:
        ran.append(command)
        return 1 if {"ruff", "mypy"} & set(map(str, command)) else 0

    monkeypatch.setattr(start, "TESTING", installer.folder)
    monkeypatch.setattr(start, "call", call)
    assert start.main(["check"]) == 1
    assert len(ran) == 7
    assert re.search(r"3 of 7 checks failed:\n  formatting: .+\n  lint: .+\n  types: ", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ([], [("first", None)]),
        (["--all"], [("all", None), ("again on PostgreSQL", "postgresql")]),
        (["--long"], [("long", None)]),
    ],
)
def test_each_ring_runs_its_tests(words, runs, installer, monkeypatch):
    seen = []

    def call(command: list[str], environment: dict[str, str] | None = None) -> int:
        seen.append((command[command.index("-m", 2) + 1], (environment or {}).get("TEST_DATABASE")))
        return 0

    monkeypatch.setattr(start, "TESTING", installer.folder)
    monkeypatch.setattr(start, "call", call)
    assert start.main(["test", *words]) == 0
    assert [(start.RINGS[ring], database) for ring, database in runs] == [
        (expression, database) for expression, database in seen
    ]


def test_a_failure_in_either_half_of_all_is_a_failure(installer, monkeypatch):
    monkeypatch.setattr(start, "TESTING", installer.folder)
    monkeypatch.setattr(start, "call", lambda _, environment=None: 0 if environment else 1)
    assert start.main(["test", "--all"]) == 1


def test_rings_name_only_known_markers():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    known = {marker.partition(":")[0] for marker in options["markers"]}
    named = set(re.findall(r"\w+", " ".join(start.RINGS.values()))) - {"not", "and"}
    assert named <= known


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_is_pinned_and_hashed_and_no_host_is_named(lock):
    text = lock.read_text("utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert entries
    assert all(re.match(r"[a-z0-9-]+==[\w.]+", entry) and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_the_lock_holds_what_was_asked_for(lock):
    asked = re.findall(r"^([\w-]+)(?:\[\w+\])?==([\w.]+)", lock.with_suffix(".in").read_text("utf-8"), re.MULTILINE)
    locked = re.findall(r"^([\w-]+)==([\w.]+)", lock.read_text("utf-8"), re.MULTILINE)
    assert asked
    assert set(asked) <= set(locked)


def test_the_locks_agree_with_each_other():
    runtime = dict(re.findall(r"^([\w-]+)==([\w.]+) \\", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
    for lock in LOCKS:
        for name, version in re.findall(r"^([\w-]+)==([\w.]+) \\", lock.read_text("utf-8"), re.MULTILINE):
            assert runtime.get(name, version) == version, f"{lock.name}: {name}"
