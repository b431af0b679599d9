"""Starts a sandbox as a subprocess on free ports, for tests."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INCLUDE = Path(__file__).resolve().parents[2] / "include"
STOP_SECONDS = 15

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AdminError(Exception):
    """The admin API refused a call."""


@dataclass(frozen=True)
class Running:
    """A sandbox that answers. ``endpoints`` is its first line: proxy, one URL per vendor, admin, ca, pid."""

    endpoints: dict[str, Any]
    process: subprocess.Popen[str]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.endpoints[name]
        except KeyError:
            raise AttributeError(name) from None

    def admin(self, method: str, path: str, json: Any = None) -> Any:  # noqa: A002
        """Call the admin API and return its JSON; AdminError with its sentence if it refuses."""
        return _admin(f"{self.endpoints['admin']}/{path.lstrip('/')}", method, json)

    def act(self, vendor: str, action: str, **args: Any) -> Any:
        """Act as a person: ``act("salesforce", "edit", object="Lead", id=..., fields={...})``."""
        return self.admin("POST", f"{vendor}/act", {"action": action, **args})

    def calls(self, vendor: str | None = None) -> list[dict[str, Any]]:
        """Return the logged calls, of one vendor or of all."""
        return self.admin("GET", f"calls?vendor={vendor}" if vendor else "calls")

    def heal(self) -> None:
        """Take the faults away. AssertionError names those that no call has met: a test with such a fault shows nothing."""
        unmet = [fault for fault in self.admin("GET", "faults") if not fault["seen"]]
        self.admin("DELETE", "faults")
        assert not unmet, f"no call met {unmet}"

    def env(self) -> dict[str, str]:
        """Return the environment under which unmodified clients reach this sandbox."""
        names = {"HTTPS_PROXY": "proxy", "https_proxy": "proxy", "REQUESTS_CA_BUNDLE": "ca", "SSL_CERT_FILE": "ca"}
        names |= {"grpc_proxy": "proxy", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": "ca"}
        direct = "127.0.0.1,localhost"
        return {name: str(self.endpoints[key]) for name, key in names.items()} | {
            "NO_PROXY": direct,
            "no_proxy": direct,
        }

    def stop(self) -> int:
        """Stop it and return its exit code; kills it if it does not end by itself."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            if self.process.stdout:
                self.process.stdout.close()


def start(size: str = "tiny", **options: Any) -> Running:
    """Start ``python -m sandbox --admin`` and wait until it serves.

    Options are its flags without dashes (``seed=3, now="2026-01-01T00:00:00Z", clock="fixed"``). RuntimeError if it ends.
    """
    flags = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "sandbox", "--admin", "--size", size, *flags]
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env | {"PYTHONPATH": str(INCLUDE)})
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"the sandbox ended with exit code {process.wait()} before it served")
    return Running(json.loads(line), process)


def _admin(url: str, method: str, body: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with _direct.open(request, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise AdminError(f"{method} {url}: {error.code} {error.read().decode()}") from error
    return json.loads(text) if text else None
