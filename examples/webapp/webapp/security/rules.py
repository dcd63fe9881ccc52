"""The rules of a scan. Each looks at real files or asks the running application."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from webapp.admin import CONFIG, Login, read_login
from webapp.daemons import PROJECT
from webapp.fleet.front import Front
from webapp.fleet.settings import Settings
from webapp.http.client import Answer, UnreachableError, ask
from webapp.security.findings import Finding

WELL_KNOWN = ("admin", "password", "changeme", "secret", "123456")
SKIPPED = frozenset({".git", ".orchestrate", "__pycache__"})
LARGEST = 1024 * 1024
KEYS = (
    (re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n"), "a private key"),
    (re.compile(r"\bAKIA[0-9A-Z]{16}\b"), "an access key of a cloud account"),
)


def default_password(_settings: Settings) -> Iterator[Finding]:
    """The administrator's password is one that everybody tries first."""
    if read_login().password in WELL_KNOWN:
        message = "the administrator has a well-known password: set another one and restart"
        yield Finding("default-password", "medium", _shown(CONFIG), message)


def keys_in_files(settings: Settings) -> Iterator[Finding]:
    """A key lies in a file of the project."""
    for path in _files(PROJECT):
        if path.is_relative_to(settings.run) or path.stat().st_size > LARGEST:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for pattern, what in KEYS:
            if pattern.search(text):
                message = f"holds {what}: revoke it and keep the new one out of the project"
                yield Finding("key-in-file", "high", _shown(path), message)


def world_writable(settings: Settings) -> Iterator[Finding]:
    """Any user of this machine can change what the application runs or reads."""
    for path in {*_files(PROJECT), *_files(settings.run)}:
        if stat.S_IMODE(path.stat().st_mode) & stat.S_IWOTH:
            message = f"every user can write it: chmod o-w {_shown(path)}"
            yield Finding("world-writable", "high", _shown(path), message)


def open_login(settings: Settings) -> Iterator[Finding]:
    """The running application lets somebody in who guesses."""
    for password in WELL_KNOWN:
        answer = _ask(settings, "/admin", Login("admin", password).header)
        if answer is not None and answer.status == 200:
            message = f"/admin opens with admin and {password!r}"
            yield Finding("open-login", "medium", answer.content["instance"], message)
            return


def missing_header(settings: Settings) -> Iterator[Finding]:
    """Browsers are not told to take answers for what they say they are."""
    answer = _ask(settings, "/")
    if answer is not None and "x-content-type-options" not in {*map(str.lower, answer.headers)}:
        message = "answers have no X-Content-Type-Options: nosniff"
        yield Finding("missing-header", "low", answer.content["instance"], message)


QUICK = (default_password, keys_in_files)
FULL = (*QUICK, world_writable, open_login, missing_header)


def _ask(settings: Settings, path: str, authorization: str = "") -> Answer | None:
    proxy = Front(settings).announcement
    if proxy is None:
        return None  # what does not run cannot be asked; the files are looked at all the same
    try:
        return ask(proxy.port, path, authorization=authorization)
    except UnreachableError:
        return None


def _files(root: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED)
        for name in sorted(names):
            path = Path(directory, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)
