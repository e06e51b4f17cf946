"""Everything that differs between installations, read from the environment in this one place."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

ROOT = Path(__file__).resolve().parent.parent
KEY_BYTES = 32
SHORTEST_SECRET = 32
STORAGE_SCHEMES = {"", "file"}
MAIL_SCHEMES = {"", "smtp", "smtps", "log"}


@dataclass(frozen=True)
class Settings:
    """One installation's settings. `problems()` says all that is wrong with them at once."""

    database_url: str = field(repr=False)  # may hold a password; a settings object in a message must give nothing away
    secret_key: str = field(repr=False)
    base_url: str
    data_dir: Path
    master_key_file: Path
    record_key_file: Path
    modules_dir: Path
    assessors_dir: Path
    port: int = 8000
    bind: str = "127.0.0.1"
    mail_url: str = field(default="", repr=False)
    storage_url: str = ""
    trusted_proxies: int = 0
    demo_password: str = field(default="", repr=False)
    sample: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, *, sample: bool = False) -> Settings:
        """Read the settings. Nothing is checked here: ask `problems()`."""
        env = os.environ if environ is None else environ
        data_dir = Path(env.get("DATA_DIR") or ROOT / "instance")
        port = _whole_number(env.get("PORT", "8000"))
        return cls(
            database_url=env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'alongside.sqlite'}",
            secret_key=env.get("SECRET_KEY", ""),
            base_url=(env.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
            data_dir=data_dir,
            master_key_file=Path(env.get("MASTER_KEY_FILE") or data_dir / "master.key"),
            record_key_file=Path(env.get("RECORD_KEY_FILE") or data_dir / "record.key"),
            modules_dir=Path(env.get("MODULES_DIR") or ROOT / "modules"),
            assessors_dir=Path(env.get("ASSESSORS_DIR") or ROOT / "assessors"),
            port=port,
            bind=env.get("BIND", "127.0.0.1"),
            mail_url=env.get("MAIL_URL", ""),
            storage_url=env.get("STORAGE_URL", ""),
            trusted_proxies=_whole_number(env.get("TRUSTED_PROXIES", "0")),
            demo_password=env.get("DEMO_PASSWORD", ""),
            sample=sample or env.get("ALONGSIDE_SAMPLE") == "1",
        )

    @property
    def is_https(self) -> bool:
        """Whether people reach this installation over TLS (decides the cookie's name and flags)."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """The host names that this installation answers to."""
        own = {_parts(self.base_url).hostname or ""}
        return frozenset(own | ({"127.0.0.1", "localhost", "::1"} if self.is_loopback else set()))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.bind == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.bind).is_loopback
        except ValueError:
            return False

    def problems(self) -> list[str]:
        """Say everything that would make this installation unsafe or unable to start."""
        found = [
            *self._secret_problems(),
            *_key_problems("MASTER_KEY_FILE", self.master_key_file),
            *_key_problems("RECORD_KEY_FILE", self.record_key_file),
        ]
        if not self.database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            found.append("DATABASE_URL must start with sqlite:/// or postgresql://.")
        base = _parts(self.base_url)
        if base.scheme not in {"http", "https"} or not base.hostname or base.path or base.query or base.fragment:
            found.append("BASE_URL must be a full address without a path, for example https://learn.example.org.")
        if not self.is_https and not self.is_loopback:
            found.append("BASE_URL must start with https:// unless BIND is this machine only (127.0.0.1).")
        if self.sample and not self.is_loopback:
            found.append("The sample people may exist only when BIND is 127.0.0.1.")
        if not 0 < self.port < 65536:
            found.append("PORT must be a whole number from 1 to 65535.")
        if self.trusted_proxies < 0:
            found.append("TRUSTED_PROXIES must be a whole number: how many proxies stand in front.")
        if _parts(self.mail_url).scheme not in MAIL_SCHEMES:
            found.append("MAIL_URL must start with smtp:// or smtps://.")
        elif self.is_https and not self.mail_url.startswith("smtp"):
            found.append("MAIL_URL is missing: without it, sign-in links would be printed to the log.")
        if _parts(self.storage_url).scheme not in STORAGE_SCHEMES:
            found.append("STORAGE_URL must be left out or start with file:///.")
        for name, folder in (("MODULES_DIR", self.modules_dir), ("ASSESSORS_DIR", self.assessors_dir)):
            if not folder.is_dir():
                found.append(f"{name} points to {folder}, which is not a folder.")
        return found

    def _secret_problems(self) -> list[str]:
        if not self.secret_key:
            return ["SECRET_KEY is missing. Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"]
        if len(self.secret_key) < SHORTEST_SECRET:
            return [f"SECRET_KEY is too short. Use at least {SHORTEST_SECRET} characters."]
        return []


def _whole_number(text: str) -> int:
    return int(text) if text.strip().isdecimal() else -1


def _parts(address: str) -> SplitResult:
    """An address in its parts; of one that makes no sense, empty parts."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname, parts.port
    except ValueError:
        return urlsplit("nonsense://nowhere/")
    return parts


def _key_problems(name: str, path: Path) -> list[str]:
    if not path.is_file():
        return [f"{name} points to {path}, which does not exist. It must hold {KEY_BYTES} random bytes as hex."]
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        return [f"{name} ({path}) cannot be read as hex: {KEY_BYTES} random bytes, as {KEY_BYTES * 2} hex digits."]
    if len(key) != KEY_BYTES:
        return [f"{name} ({path}) must hold {KEY_BYTES} bytes as hex; it holds {len(key)}."]
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return [f"{name} ({path}) can be read by others. Run: chmod 600 {path}"]
    return []
