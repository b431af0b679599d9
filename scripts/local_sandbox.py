"""The sandbox as a background process, and the Airflow connections that lead to it."""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import processes

ROOT = Path(__file__).resolve().parents[1]
#: the account of the sandbox's world that holds its own conversions, below the manager
GOOGLE_ADS = {
    "customer_id": "2223334445",
    "login_customer_id": "1112223334",
    "developer_token": "sandbox-developer-token",
    "client_id": "sandbox-client-id",
    "client_secret": "sandbox-client-secret",
    "refresh_token": "sandbox-refresh-token",
}


class SandboxFailed(Exception):
    """The sandbox did not start."""


@dataclass(frozen=True)
class LocalSandbox:
    """`endpoints`: the sandbox's own first line (proxy, one URL per vendor, ca, pid)."""

    endpoints: dict[str, Any]
    group: processes.Group

    def connections(self) -> dict[str, dict[str, Any]]:
        """Airflow connections by name. The sandbox takes any credentials; these are of no use anywhere else."""
        proxy, ca = self.endpoints["proxy"], self.endpoints["ca"]
        salesforce = {
            "consumer_key": "sandbox-consumer-key",
            "consumer_secret": "sandbox-consumer-secret",
            "domain": "lockstep-demo.my",
            "proxies": {"https": proxy},
            "ca": ca,
        }
        return {
            "salesforce_default": {"conn_type": "salesforce", "extra": salesforce},
            "hubspot_default": {
                "conn_type": "http",
                "password": "pat-na1-sandbox",
                "extra": {"proxy": proxy, "ca": ca},
            },
            "google_ads_default": {"conn_type": "generic", "extra": {**GOOGLE_ADS, "proxy": proxy, "ca": ca}},
        }

    def settings(self) -> dict[str, str]:
        """The connections as environment variables of Airflow."""
        return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(body) for name, body in self.connections().items()}

    def stop(self) -> None:
        processes.stop(self.group)


def start(state: Path, *, size: str = "small", seconds: float = 60, **options: str) -> LocalSandbox:
    """Start `python -m sandbox` with its state under `state`, and wait until it serves."""
    state.mkdir(parents=True, exist_ok=True)
    log = state / "sandbox.log"
    first = len(log.read_text().splitlines()) if log.exists() else 0
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "sandbox", "--admin", "--size", size, "--state", str(state / "world"), *flags]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "include")}
    group = processes.spawn(command, env=env, log=log, pid_file=state / "sandbox.pid")
    end = time.monotonic() + seconds
    while not (endpoints := _endpoints(log, first)):
        if not group.alive or time.monotonic() > end:
            processes.stop(group)
            raise SandboxFailed(f"the sandbox did not start: {_last_line(log)}\n(log: {log}; state: {state})")
        time.sleep(0.1)
    (state / "sandbox.json").write_text(json.dumps(endpoints))
    return LocalSandbox(endpoints, group)


def running(state: Path) -> LocalSandbox | None:
    """The sandbox that was started with this state, if it still runs."""
    group = processes.load(state / "sandbox.pid")
    return LocalSandbox(json.loads((state / "sandbox.json").read_text()), group) if group else None


def _endpoints(log: Path, first: int) -> dict[str, Any] | None:
    """The line of JSON that the sandbox prints when it serves."""
    for line in log.read_text().splitlines()[first:]:
        if line.startswith("{") and line.endswith("}"):
            return dict(json.loads(line))
    return None


def _last_line(log: Path) -> str:
    lines = log.read_text().splitlines()
    return lines[-1] if lines else "it said nothing"
