"""Airflow finds the plugin, and nothing but the plugin, in plugins/."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_airflow_executes_only_the_plugin_file():
    from airflow._shared.module_loading import find_path_from_directory

    found = [Path(path) for path in find_path_from_directory(str(ROOT / "plugins"), ".airflowignore", "glob")]
    assert [path.name for path in found if path.suffix == ".py"] == ["lockstep_plugin.py"]


def test_the_plugin_registers_pages_timetable_and_listener():
    from lockstep_plugin import LockstepPlugin

    (app,) = LockstepPlugin.fastapi_apps
    assert app["url_prefix"] == "/sync-status"
    assert [view["destination"] for view in LockstepPlugin.external_views] == ["nav", "dag_run", "task_instance"]
    assert len({view["url_route"] for view in LockstepPlugin.external_views}) == 3
    assert not any(view["href"].startswith("/") for view in LockstepPlugin.external_views)
    assert [timetable.__name__ for timetable in LockstepPlugin.timetables] == ["BackfillOnlyCron"]


def test_loading_the_plugin_does_not_load_the_pages():
    import subprocess

    code = "import sys, lockstep_plugin; print([m for m in sys.modules if m.startswith(('lockstep_airflow.status', 'jinja2.ext'))])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "plugins", capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"
