"""An Airflow of our own on this machine: scheduler, dag-processor, API server, SQLite, bound to 127.0.0.1, no login.

For the demo, for `make cycle` and for tests only: in this mode every request counts as an administrator's.

    airflow = local_airflow.start(Path(".demo/airflow"), settings={"LOCKSTEP_SCHEDULE_ENABLED": "false"})
    airflow.wait_healthy(); airflow.unpause(); run_id = airflow.trigger("sync_cycle", {}); airflow.wait("sync_cycle", run_id)
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import processes

ROOT = Path(__file__).resolve().parents[1]
MAPPINGS = ROOT / "include" / "mappings"
COMPONENTS = ("api-server", "scheduler", "dag-processor")
STEPS = ("sync_schema", "pull_updates", "pull_deletes", "pull_conversions", "push_updates", "update_foreign_keys")
PARALLELISM = 4
ENDED = ("success", "failed")
#: the server builds its routes for tasks at the first task's request, and answers nobody meanwhile: long, on a busy machine
API_SECONDS = 300

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AirflowFailed(Exception):
    """Airflow did not start, or refused a request."""


@dataclass(frozen=True)
class LocalAirflow:
    """A running instance."""

    home: Path
    port: int
    env: dict[str, str]
    group: processes.Group

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call Airflow's REST API (`path` after /api/v2/) and return its JSON."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v2/{path}", data=data, method=method, headers=headers)
        try:
            with _direct.open(request, timeout=API_SECONDS) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AirflowFailed(f"{method} {path}: {error.code} {error.read().decode()[:2000]}") from error
        return json.loads(text) if text else None

    def wait_healthy(self, seconds: float = 180) -> None:
        """Until every component reports itself healthy and all DAGs are known. AirflowFailed if it ends before."""
        dags = len(list((ROOT / "dags").glob("*.py")))
        self._until(lambda: self._healthy() and self._known_dags() >= dags, seconds, "Airflow did not become healthy")

    def unpause(self, *dag_ids: str) -> None:
        """These DAGs, or all of Lockstep's."""
        for dag_id in dag_ids or [dag["dag_id"] for dag in self.api("GET", "dags?tags=lockstep")["dags"]]:
            self.api("PATCH", f"dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a manual run and return its id."""
        run = self.api("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf or {}})
        return str(run["dag_run_id"])

    def state(self, dag_id: str, run_id: str) -> str:
        return str(self.api("GET", f"dags/{dag_id}/dagRuns/{_quoted(run_id)}")["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The run's task instances as the REST API shows them."""
        return list(
            self.api("GET", f"dags/{dag_id}/dagRuns/{_quoted(run_id)}/taskInstances?limit=1000")["task_instances"]
        )

    def wait(self, dag_id: str, run_id: str, seconds: float = 600, each: Callable[[], None] | None = None) -> str:
        """Wait until the run has ended and return its state; `each` is called about every second meanwhile."""

        def ended() -> bool:
            if each:
                each()
            return self.state(dag_id, run_id) in ENDED

        self._until(ended, seconds, f"{dag_id} {run_id} did not end")
        return self.state(dag_id, run_id)

    def cli(self, *args: str) -> str:
        """Run `airflow ...` in the instance's environment and return its output."""
        done = subprocess.run(
            [_airflow(), *args], env=self.env, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            raise AirflowFailed(f"airflow {' '.join(args)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def stop(self) -> None:
        processes.stop(self.group)

    def _healthy(self) -> bool:
        try:
            health = self.api("GET", "monitor/health")
        except (OSError, AirflowFailed):
            return False
        return all(health[name]["status"] == "healthy" for name in ("metadatabase", "scheduler", "dag_processor"))

    def _known_dags(self) -> int:
        return int(self.api("GET", "dags?tags=lockstep&limit=1")["total_entries"])

    def _until(self, done: Callable[[], bool], seconds: float, failure: str) -> None:
        end = time.monotonic() + seconds
        while not done():
            if not self.group.alive:
                raise AirflowFailed(f"Airflow has ended by itself: see {self.home}/logs/*.log")
            if time.monotonic() > end:
                raise AirflowFailed(f"{failure} within {seconds:.0f} s: see {self.home}/logs")
            time.sleep(1)


def start(
    home: Path, *, settings: dict[str, str], port: int | None = None, components: Sequence[str] = COMPONENTS
) -> LocalAirflow:
    """Start an instance whose whole state is under `home`; returns at once (see `wait_healthy`)."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    env = environment(home, port, settings)
    spec = home / "instance.json"
    spec.touch(mode=0o600)
    spec.write_text(json.dumps({"port": port, "env": env}))
    command = [sys.executable, "-m", "scripts.local_airflow", *components]
    group = processes.spawn(
        command, env=env, cwd=ROOT, log=home / "logs" / "supervisor.log", pid_file=home / "airflow.pid"
    )
    return LocalAirflow(home, port, env, group)


def running(home: Path) -> LocalAirflow | None:
    """The instance that was started with this home, if it still runs."""
    home = home.resolve()
    group = processes.load(home / "airflow.pid")
    if group is None:
        return None
    spec = json.loads((home / "instance.json").read_text())
    return LocalAirflow(home, spec["port"], spec["env"], group)


def environment(home: Path, port: int, settings: dict[str, str]) -> dict[str, str]:
    """The environment of every process of the instance; `settings` come last."""
    url = f"http://127.0.0.1:{port}"
    keep = {name: value for name, value in os.environ.items() if not _meddles(name)}
    return {
        **keep,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "NO_PROXY": "127.0.0.1,localhost",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(PARALLELISM),
        "AIRFLOW__CORE__FERNET_KEY": _fernet_key(home),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "LOCKSTEP_PRELOAD": "true",
        **settings,
    }


def _meddles(name: str) -> bool:
    """Settings of another Airflow, proxies meant for the internet: none of them is for this instance."""
    upper = name.upper()
    return upper.startswith(("AIRFLOW", "LOCKSTEP")) or upper.endswith("_PROXY") or upper == "PYTHONPATH"


def _fernet_key(home: Path) -> str:
    """Made once per home: what was encrypted with it must stay readable after a restart."""
    from cryptography.fernet import Fernet

    path = home / "fernet.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(Fernet.generate_key().decode())
    return path.read_text()


def free_port(preferred: int = 0) -> int:
    """That port if nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(found.getsockname()[1])
    raise AirflowFailed("there is no free port on 127.0.0.1")


def _airflow() -> str:
    return str(Path(sys.executable).parent / "airflow")


def _quoted(run_id: str) -> str:
    return urllib.parse.quote(run_id, safe="")


def supervise(components: Sequence[str]) -> int:
    """Migrate the database, run the components, and end them all when one of them ends or we are told to."""
    logs = Path(os.environ["AIRFLOW_HOME"]) / "logs"
    subprocess.run([_airflow(), "db", "migrate"], check=True)
    children = [_component(name, logs) for name in components]

    def end(*_: Any) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, end)
    first, status = os.wait()
    print(f"process {first} ended with status {status}; ending the others", flush=True)
    end()
    return max(child.wait() for child in children if child.pid != first) if len(children) > 1 else status


def _component(name: str, logs: Path) -> "subprocess.Popen[bytes]":
    with (logs / f"{name}.log").open("ab") as output:
        return subprocess.Popen([_airflow(), name], stdin=subprocess.DEVNULL, stdout=output, stderr=output)


if __name__ == "__main__":
    raise SystemExit(supervise(sys.argv[1:] or COMPONENTS))
