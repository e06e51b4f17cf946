"""The one entry for people: run, test, check, measure or serve Alongside. Needs Python 3.11 or newer and nothing else.

python3 start.py                 set everything up, then run the sample centre on http://127.0.0.1:8000
python3 start.py test [ARGS]     the first ring of tests; --all for every ring, --long for the ones by hand
python3 start.py check           formatting, lint, types, templates, content, reading age
python3 start.py bench [--full]  the benchmark, one JSON object a line
python3 start.py serve           production, on DATABASE_URL
python3 start.py lock            remake the hashed requirements after changing a requirements*.in
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
RUNTIME = ROOT / ".venv"
TESTING = ROOT / ".venv-test"
STAMP = "alongside-stamp.json"
OLDEST = (3, 11)
LOCKS = ("requirements", "requirements-postgres", "requirements-dev")
INTERRUPTED = 130

RINGS = {
    "first": "not all_only and not postgres and not long",
    "all": "not long",
    "again on PostgreSQL": "not journey and not long and not sqlite",
    "long": "long",
}


class Problem(Exception):
    """Something a person can put right; its text says how."""


def main(arguments: list[str]) -> int:
    """Do what the command line asks; return the exit status: 0 done, 1 a problem, 2 wrong use."""
    commands = {"run": run, "test": test, "check": check, "bench": bench, "serve": serve, "lock": lock}
    name, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    if name in {"-h", "--help", "help"}:
        print(__doc__)
        return 0
    if name not in commands:
        print(f"start.py has no command {name!r}.\n\n{__doc__}", file=sys.stderr)
        return 2
    if name not in {"test", "bench"} and rest:
        print(f"`start.py {name}` takes no further words; it was given: {' '.join(rest)}", file=sys.stderr)
        return 2
    try:
        return commands[name](rest)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def run(_: list[str]) -> int:
    """The main job: set up, create the sample centre on the first run, serve it on this machine."""
    python = prepare_runtime()
    become([python, "-m", "course.serving", "--sample"])


def serve(_: list[str]) -> int:
    """Production: no sample people, several processes, and no start while a setting is wrong."""
    python = prepare_runtime()
    become([python, "-m", "course.serving"])


def test(arguments: list[str]) -> int:
    """Run one ring of tests; what follows --all or --long goes to pytest as it is."""
    ring = "first"
    for flag, name in (("--all", "all"), ("--long", "long")):
        if flag in arguments:
            ring = name
            arguments = [word for word in arguments if word != flag]
    python = prepare(TESTING, ["requirements", "requirements-dev"])
    failures = [ring] if pytest(python, ring, arguments) else []
    if ring == "all":
        again = "again on PostgreSQL"
        print(f"\nThe tests {again}", flush=True)
        on_postgresql = {"TEST_DATABASE": "postgresql"}
        if pytest(python, again, ["--ignore=tests/house/test_start.py", *arguments], on_postgresql):
            failures.append(again)
    return 1 if failures else 0


def pytest(python: Path, ring: str, arguments: list[str], environment: dict[str, str] | None = None) -> int:
    """Run the tests of one ring; return pytest's exit status."""
    return call([python, "-m", "pytest", "-m", RINGS[ring], *arguments], environment)


def check(_: list[str]) -> int:
    """Run every check, even after one failed, then name what failed and how to put it right."""
    python = prepare(TESTING, ["requirements", "requirements-dev"])
    shown = python.relative_to(ROOT)
    checks: list[tuple[str, list[str], str]] = [
        ("formatting", ["ruff", "format", "--check", "."], f"run: {shown} -m ruff format ."),
        ("lint", ["ruff", "check", "."], f"run: {shown} -m ruff check --fix . (and mend by hand what is left)"),
        ("types", ["mypy"], "add or correct the type hints named above"),
        ("templates", ["djlint", "--lint", "--quiet", "course", "assessors"], "mend the templates named above"),
        ("modules", ["flask", "--app", "wsgi", "modules", "check"], "mend the content files named above"),
        ("rubrics", ["flask", "--app", "wsgi", "rubrics", "check"], "mend the guidance files named above"),
        (
            "reading age",
            ["course.catalogue.reading_age", "modules", "assessors/rubrics", "assessors/samples"],
            "shorten the sentences named above, and use plainer words",
        ),
    ]
    failed = []
    for title, command, remedy in checks:
        print(f"== {title}", flush=True)
        began = time.monotonic()
        if call([python, "-m", *command]):
            failed.append((title, remedy))
        print(f"   {time.monotonic() - began:.1f} s", flush=True)
    if not failed:
        print(f"\nAll {len(checks)} checks passed.")
        return 0
    print(f"\n{len(failed)} of {len(checks)} checks failed:")
    for title, remedy in failed:
        print(f"  {title}: {remedy}")
    return 1


def bench(arguments: list[str]) -> int:
    """Measure; the figures are explained in docs/."""
    python = prepare(TESTING, ["requirements", "requirements-dev"])
    become([python, "-m", "bench", *arguments])


def lock(_: list[str]) -> int:
    """Remake requirements*.txt: exact versions with hashes, for every system at once."""
    python = prepare(TESTING, ["requirements", "requirements-dev"])
    how = [
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--only-binary",
        ":all:",
        "--no-emit-index-url",
    ]
    how += ["--quiet", "--custom-compile-command", "python3 start.py lock"]
    for name in LOCKS:
        if call([python, "-m", "uv", "pip", "compile", *how, f"{name}.in", "-o", f"{name}.txt"]):
            raise Problem(f"{name}.txt could not be made; {name}.in and the message above say why.")
    return 0


# Environments


def prepare_runtime() -> Path:
    """Make .venv what the database in use needs; return its Python."""
    is_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    return prepare(RUNTIME, ["requirements", "requirements-postgres"] if is_postgresql else ["requirements"])


def prepare(folder: Path, locks: list[str]) -> Path:
    """Make an environment that holds exactly what the locks say, unless it already does; return its Python.

    The stamp names the interpreter and the content of each installed lock, so that a start with nothing to do
    takes no time, a changed lock is installed on top, and another Python or a moved checkout starts afresh.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = {name: hashlib.sha256((ROOT / f"{name}.txt").read_bytes()).hexdigest() for name in locks}
    home = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro} {sys.base_prefix} {folder}"
    stamp = read_stamp(folder / STAMP)
    installed = stamp["locks"] if stamp["python"] == home and python.exists() else {}
    if wanted.items() <= installed.items():
        return python
    (folder / STAMP).unlink(missing_ok=True)  # until all of it is installed, nothing is
    if not installed:
        create(folder, python)
    install(python, locks)
    kept = {name: digest for name, digest in installed.items() if name not in wanted}
    (folder / STAMP).write_text(json.dumps({"python": home, "locks": {**kept, **wanted}}, indent=1), "utf-8")
    return python


def read_stamp(path: Path) -> dict[str, Any]:
    """What was installed last time; nothing when that cannot be read."""
    try:
        stamp = json.loads(path.read_text("utf-8"))
        return {"python": stamp["python"], "locks": dict(stamp["locks"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"python": "", "locks": {}}


def create(folder: Path, python: Path) -> None:
    """Make an empty environment with pip in it, by whichever way works on this machine."""
    print(f"Making {folder.name} with Python {sys.version.split()[0]} …", flush=True)
    ways = [[sys.executable, "-m", "venv", "--clear", str(folder)]]
    if shutil.which("uv"):
        ways.append(["uv", "venv", "--quiet", "--seed", "--clear", "--python", sys.executable, str(folder)])
    if shutil.which("virtualenv"):
        ways.append(["virtualenv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
    said = ""
    for way in ways:
        done = subprocess.run(way, capture_output=True, text=True, check=False)
        if done.returncode == 0 and has_pip(python):
            return
        said = (done.stdout + done.stderr).strip()
    if install_venv_as_root():
        done = subprocess.run(ways[0], capture_output=True, text=True, check=False)
        if done.returncode == 0 and has_pip(python):
            return
        said = (done.stdout + done.stderr).strip()
    raise Problem(f"{said}\n\n{how_to_get_venv()}")


def has_pip(python: Path) -> bool:
    """Whether an environment can install anything."""
    if not python.exists():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def venv_package() -> str:
    """The Debian package that lets this Python make environments."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def install_venv_as_root() -> bool:
    """Debian and Ubuntu split `ensurepip` out of Python: fetch it where that needs no password."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not is_root or not shutil.which("apt-get") or sys.base_prefix != "/usr":
        return False
    print(f"Installing {venv_package()} with apt-get, because this Python came without it …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", venv_package()]):
        done = subprocess.run(
            ["apt-get", *words], env=quiet, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
            return False
    return True


def how_to_get_venv() -> str:
    """The one thing to type when no environment can be made."""
    if shutil.which("apt-get"):
        return f"This Python cannot make environments. Type this first:\n    sudo apt-get install {venv_package()}"
    return "This Python cannot make environments (`venv` with pip). Install a complete Python 3.11 or newer."


def install(python: Path, locks: list[str]) -> None:
    """Install locked packages: wheels only, each checked against its hash."""
    print("Installing packages (once; usually under half a minute) …", flush=True)
    files = [word for name in locks for word in ("-r", str(ROOT / f"{name}.txt"))]
    how = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-compile", "--no-input", "-qq"]
    began = time.monotonic()
    if call([python, "-m", "pip", "install", "--disable-pip-version-check", *how, *files]):
        raise Problem("The packages could not be installed. Is this machine online? Then start again: nothing is lost.")
    print(f"Installed in {time.monotonic() - began:.0f} s.", flush=True)


# Processes


def become(command: list[str | Path]) -> NoReturn:
    """Turn into the command, so that a signal to this process reaches it; on Windows wait for it instead."""
    words = [str(word) for word in command]
    if os.name == "nt":
        sys.exit(call(command))
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(ROOT)
    os.execv(words[0], words)  # noqa: S606 - a list, and no shell is wanted


def call(command: list[str | Path], environment: dict[str, str] | None = None) -> int:
    """Run a command in the checkout and return its exit status; when this process is stopped, so is the command."""
    child = subprocess.Popen([str(word) for word in command], cwd=ROOT, env={**os.environ, **(environment or {})})

    def pass_on(number: int, _: object) -> None:
        child.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        return child.wait()
    except KeyboardInterrupt:
        # The terminal has told the command too: let it end in its own way.
        child.wait()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(f"Alongside needs Python 3.11 or newer. This is Python {sys.version.split()[0]}.")
    sys.exit(main(sys.argv[1:]))
