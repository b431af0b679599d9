"""Background processes that outlive the command that started them, and that can be stopped exactly.

Each runs in a session of its own, named by a pid file that also holds the process's start time: a number that the system
has given to another process meanwhile is never signalled.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Group:
    """A session's first process. `started`: seconds since the epoch, as the system tells it."""

    pid: int
    started: float

    @property
    def alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def spawn(command: list[str], *, env: dict[str, str], log: Path, pid_file: Path, cwd: Path | None = None) -> Group:
    """Start the command in a session of its own, its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    group = Group(process.pid, psutil.Process(process.pid).create_time())
    pid_file.write_text(json.dumps({"pid": group.pid, "started": group.started}))
    return group


def load(pid_file: Path) -> Group | None:
    """The running group that the file names; None if there is none, or the number belongs to another process now."""
    try:
        group = Group(**json.loads(pid_file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return group if group.alive else None


def stop(group: Group, seconds: float = STOP_SECONDS) -> int:
    """Ask every process of the session to end; end those that do not. Returns how many there were."""
    if not group.alive:
        return 0
    members = _members(group)
    for process in members:
        _quietly(process.terminate)
    _, stubborn = psutil.wait_procs(members, timeout=seconds)
    for process in {*stubborn, *_members(group)}:
        _quietly(process.kill)
    psutil.wait_procs(stubborn, timeout=5)
    return len(members)


def _members(group: Group) -> list[psutil.Process]:
    """The session's processes, and descendants that have opened sessions of their own."""
    found = {process.pid: process for process in psutil.process_iter() if _session(process.pid) == group.pid}
    for process in list(found.values()):
        try:
            found |= {child.pid: child for child in process.children(recursive=True)}
        except psutil.NoSuchProcess:
            continue
    return [process for process in found.values() if process.pid != os.getpid()]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _quietly(signal: object) -> None:
    try:
        signal()  # type: ignore[operator]
    except psutil.NoSuchProcess:
        return
