"""Facts about settings: all that is wrong is said at once, nothing is guessed, and nothing secret is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from course.settings import Settings


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation that may start."""
    for name in ("master.key", "record.key"):
        (tmp_path / name).write_text("5a" * 32)
        (tmp_path / name).chmod(0o600)
    return {
        "DATA_DIR": str(tmp_path), "SECRET_KEY": "s" * 40, "BASE_URL": "https://learn.example.org",
        "MAIL_URL": "smtps://mail.example.org", "BIND": "0.0.0.0", "TRUSTED_PROXIES": "1",
    }  # fmt: skip


def problems(environment: dict[str, str], **more: Any) -> list[str]:
    return Settings.from_environment(environment, **more).problems()


def test_a_complete_installation_has_no_problem(good: dict[str, str]) -> None:
    assert problems(good) == []


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    found = problems(
        {
            "DATA_DIR": str(tmp_path), "DATABASE_URL": "mysql://x", "BASE_URL": "ftp://x", "BIND": "0.0.0.0",
            "PORT": "eighty", "TRUSTED_PROXIES": "many", "MAIL_URL": "pigeon://x", "STORAGE_URL": "s3://bucket",
            "MODULES_DIR": str(tmp_path / "no"), "ASSESSORS_DIR": str(tmp_path / "no"),
        },
        sample=True,
    )  # fmt: skip
    named = "SECRET_KEY MASTER_KEY_FILE RECORD_KEY_FILE DATABASE_URL BASE_URL PORT TRUSTED_PROXIES MAIL_URL STORAGE_URL"
    for name in (*named.split(), "MODULES_DIR", "ASSESSORS_DIR", "sample people", "https"):
        assert any(name in problem for problem in found), f"{name} in {found}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "http://[half"), ("BASE_URL", "http://learn.example.org:port"), ("BASE_URL", "learn.example.org"),
        ("BASE_URL", "https://learn.example.org/below"), ("BASE_URL", "http://learn.example.org"),
        ("PORT", "²"), ("PORT", ""), ("PORT", "0"), ("PORT", "65536"), ("PORT", "-1"), ("MAIL_URL", "smtp://[half"),
        ("SECRET_KEY", "short"), ("SECRET_KEY", ""), ("STORAGE_URL", "http://[half"), ("DATABASE_URL", "postgres"),
        ("MAIL_URL", ""), ("MAIL_URL", "log:"),
    ],
)  # fmt: skip
def test_nonsense_is_a_problem_and_never_a_crash(name: str, value: str, good: dict[str, str]) -> None:
    settings = Settings.from_environment(good | {name: value})
    assert settings.hosts
    assert any(name in problem for problem in settings.problems())


@pytest.mark.parametrize("content", ["not hex", "5a" * 16, ""])
@pytest.mark.parametrize("name", ["master.key", "record.key"])
def test_a_key_file_must_hold_a_key(name: str, content: str, good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert len(problems(good)) == 1


def test_a_key_file_that_others_can_read_is_a_problem(good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "master.key").chmod(0o644)
    assert "can be read by others" in problems(good)[0]


def test_sample_people_live_on_this_machine_only(good: dict[str, str]) -> None:
    assert problems(good | {"BIND": "127.0.0.1"}, sample=True) == []
    assert any("sample people" in problem for problem in problems(good, sample=True))


def test_settings_in_a_message_give_no_secret_away(good: dict[str, str]) -> None:
    secrets = {"SECRET_KEY": "k" * 40, "DATABASE_URL": "postgresql://u:pw-of-db@h/d", "MAIL_URL": "smtp://u:pw-of-mail@h",
               "DEMO_PASSWORD": "pw-of-demo"}  # fmt: skip
    shown = repr(Settings.from_environment(good | secrets))
    for secret in ("k" * 40, "pw-of-db", "pw-of-mail", "pw-of-demo"):
        assert secret not in shown


def test_only_our_own_host_is_answered(client: Any) -> None:
    assert client.get("/about", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/about", headers={"Host": "localhost:8000"}).status_code == 200
