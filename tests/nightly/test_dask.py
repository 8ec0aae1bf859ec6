"""The same night on a Dask cluster of this machine: the same plan, whatever happens to its workers."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nightly.crash import begin, copied, night, plan_of
from tests.two_sites import CONFIG, make_two_sites
from wfm.config import build_config
from wfm.errors import ConfigError

HAS_DASK = importlib.util.find_spec("distributed") is not None
needs_dask = pytest.mark.skipif(not HAS_DASK, reason="the extra `cluster` is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Return a cluster of two worker processes."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the centre after a night on local processes; not to be written into."""
    folder = tmp_path_factory.mktemp("local")
    make_two_sites(folder)
    assert night(folder).code == 0
    return folder


def on_cluster(source: Path, target: Path, address: str) -> Path:
    """Return a copy of a centre without its runs that computes on a cluster."""
    folder = copied(source, target)
    (folder / "runs").rename(target.with_suffix(".old"))
    (folder / "wfm.toml").write_text(CONFIG + compute(address))
    return folder


def compute(address: str) -> str:
    """Return the section that has a night computed on a cluster."""
    return f'[compute]\nbackend = "dask"\nscheduler = "{address}"\nretries = 3\n'


@needs_dask
@pytest.mark.slow
@pytest.mark.parametrize("kill", [False, True])
def test_the_plan_of_a_cluster_is_that_of_local_processes(
    local: Path, cluster: Any, tmp_path: Path, *, kill: bool
) -> None:
    folder = on_cluster(local, tmp_path / "dask", cluster.scheduler_address)
    if kill:
        threading.Thread(target=_kill_a_worker, args=(cluster, folder), daemon=True).start()
    ended = night(folder)
    assert ended.code == 0, ended.err
    ours, theirs = plan_of(folder), plan_of(local)
    assert {name for name in ours | theirs if ours.get(name) != theirs.get(name)} == {"wfm.toml"}


def _kill_a_worker(cluster: Any, folder: Path) -> None:
    """Kill a worker once the forecasts are there, so that it has a roster to make."""
    kept = folder / "runs" / ".kept"
    while len(list(kept.glob("*/facts.json"))) < 2:
        time.sleep(0.02)
    time.sleep(0.5)
    os.kill(next(iter(cluster.workers.values())).process.process.pid, signal.SIGKILL)


@needs_dask
@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_one_message(local: Path, tmp_path: Path) -> None:
    folder = on_cluster(local, tmp_path / "dask", "tcp://127.0.0.1:9")
    ended = night(folder)
    assert ended.code == 6, ended.err
    assert "127.0.0.1:9" in ended.err
    assert "Traceback" not in ended.err


@pytest.fixture
def own_scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """Return the address and the process of a scheduler with a worker; clients look for it three seconds."""
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "3s")
    module, place = [sys.executable, "-m"], tmp_path / "scheduler.json"
    options: dict[str, Any] = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    tail = ["--no-dashboard", "--scheduler-file", str(place)]
    begin_scheduler = [*module, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    begin_worker = [*module, "distributed.cli.dask_worker", "--nthreads", "1", "--death-timeout", "60"]
    with subprocess.Popen([*begin_scheduler, *tail], **options) as scheduler:
        while not place.exists():
            time.sleep(0.05)
        with subprocess.Popen([*begin_worker, *tail], **options) as worker:
            yield json.loads(place.read_text())["address"], scheduler
            worker.kill()
        scheduler.kill()


@needs_dask
@pytest.mark.slow
def test_a_scheduler_that_dies_while_rosters_are_made_keeps_the_plan(
    local: Path, own_scheduler: tuple[str, Any], tmp_path: Path
) -> None:
    address, scheduler = own_scheduler
    folder = copied(local, tmp_path / "centre")
    compute = f'[compute]\nbackend = "dask"\nscheduler = "{address}"\nretries = 1\n'
    (folder / "wfm.toml").write_text(CONFIG.replace("[schedule]", "[schedule]\nseed = 2") + compute)
    before = plan_of(folder)
    began = time.monotonic()
    with begin(folder) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("staff:"):
                break
        time.sleep(1)
        scheduler.kill()
        _, err = process.communicate(timeout=120)
    assert process.returncode == 11, err
    assert address.removeprefix("tcp://") in err
    assert "Traceback" not in err
    assert plan_of(folder) == before
    assert time.monotonic() - began < 120


@pytest.mark.skipif(HAS_DASK, reason="the extra `cluster` is installed")
def test_without_dask_the_message_names_the_extra(tmp_path: Path) -> None:
    make_two_sites(tmp_path)
    (tmp_path / "wfm.toml").write_text(CONFIG + compute("tcp://127.0.0.1:9"))
    ended = night(tmp_path)
    assert ended.code == 3, ended.err
    assert "openwfm[cluster]" in ended.err


@pytest.mark.parametrize(
    ("compute", "words"),
    [
        pytest.param({}, "needs scheduler", id="no address"),
        pytest.param({"scheduler": "10.0.0.1:8786"}, "tcp://HOST:PORT", id="no protocol"),
        pytest.param({"scheduler": "tcp://10.0.0.1:8786"}, "use tls://", id="open beyond this machine"),
        pytest.param({"scheduler": "tls://10.0.0.1:8786"}, "tls_ca, tls_cert and tls_key", id="no keys"),
    ],
)
def test_a_cluster_that_anybody_could_use_is_refused(compute: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        build_config({"compute": {"backend": "dask", **compute}})


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:8786"])
def test_a_scheduler_on_this_machine_needs_no_keys(address: str) -> None:
    config = build_config({"compute": {"backend": "dask", "scheduler": address}})
    assert config.compute.scheduler == address
