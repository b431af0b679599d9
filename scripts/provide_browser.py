"""Finds a Chromium for the browser tests, installs one where none is found, or fails saying so.

`python scripts/provide_browser.py` prints the path. Tests import `browser_path`, which only looks.
Order: LOCKSTEP_BROWSER, an installed Chromium or Chrome, one that Playwright downloaded earlier;
then, to install: Debian's package when root on a Debian-like system, Playwright's own download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIXED_PLACES = (Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),)
INSTALL_SECONDS = 900


class NoBrowser(RuntimeError):
    """No Chromium was found and none could be installed; the message lists what was tried."""


def browser_path() -> Path | None:
    """The executable that browser tests start, or None when there is none on this machine."""
    named = os.environ.get("LOCKSTEP_BROWSER")
    if named:
        return _named(Path(named))
    return next(_installed(), None)


def provide() -> Path:
    """As `browser_path`, installing one if need be. Raises NoBrowser."""
    found = browser_path()
    if found:
        return found
    attempts = [attempt(install) for install in (_install_debian, _install_playwright)]
    found = browser_path()
    if found:
        return found
    raise NoBrowser("\n".join(("Browser tests need Chromium or Chrome, and none could be provided.", *attempts)))


def attempt(install: Callable[[], str]) -> str:
    """Runs one way to install; gives a line that tells how it went. Does nothing once a browser is there."""
    return "" if browser_path() else f"  - {install()}"


def _named(path: Path) -> Path:
    if not os.access(path, os.X_OK):
        raise NoBrowser(f"LOCKSTEP_BROWSER names {path}, which is not an executable file.")
    return path


def _installed() -> Iterator[Path]:
    yield from (Path(path) for name in NAMES if (path := shutil.which(name)))
    yield from (path for path in FIXED_PLACES if path.exists())
    downloaded = _playwright_place()
    if downloaded and downloaded.exists():
        yield downloaded


def _playwright_place() -> Path | None:
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def _install_debian() -> str:
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return "apt-get install chromium: not tried (needs root on Debian or Ubuntu)"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    updated = _run(["apt-get", "update", "-qq"], environment)
    installed = _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], environment)
    return installed if "failed" in installed else updated if "failed" in updated else installed


def _install_playwright() -> str:
    return _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _run(command: list[str], environment: dict[str, str]) -> str:
    words = " ".join(command)
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        return f"{words}: failed, no end after {INSTALL_SECONDS} s"
    if done.returncode == 0:
        return f"{words}: done"
    return f"{words}: failed with exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}"


if __name__ == "__main__":
    try:
        print(f"Browser for the tests: {provide()}")
    except NoBrowser as error:
        sys.exit(str(error))
