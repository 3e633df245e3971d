"""How gunicorn serves Limber. It reads this file by itself.

WEB_CONCURRENCY says how many workers; what GUNICORN_CMD_ARGS says goes before what stands here.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from operations.log_lines import logging_config

wsgi_app = "clinic.wsgi:application"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# A worker that says nothing for that long is ended: an import of 10,000 stretches takes more than the usual 30 s.
timeout = 120
graceful_timeout = 120  # what somebody has sent is answered before its worker ends
max_requests, max_requests_jitter = 5000, 500
if Path("/dev/shm").is_dir():  # noqa: S108 - where a worker shows that it lives: in memory, never on a slow disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108
control_socket_disable = True  # signals do, and its folder could not be made where nothing can be written
logconfig_dict = logging_config(
    form=os.environ.get("LOG_FORMAT", "text"), level=os.environ.get("LOG_LEVEL", "INFO").upper()
)
# Whatever this process has loaded, every worker after a reload goes on with. Let them load the new version of it.
for _name in [name for name in sys.modules if name.partition(".")[0] == "operations"]:
    del sys.modules[_name]

_METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"
if _METRICS_DIR not in os.environ and (os.environ.get("METRICS_TOKEN") or os.environ.get("METRICS_TOKEN_FILE")):
    # Empty on every start, kept by a reload; before the first worker loads the library, which looks once.
    os.environ[_METRICS_DIR] = tempfile.mkdtemp(prefix="limber-metrics-")


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Let the counts of a worker that ended stand, and forget what was true only of it."""
    if _METRICS_DIR in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Tidy up."""
    if _METRICS_DIR in os.environ:
        shutil.rmtree(os.environ[_METRICS_DIR], ignore_errors=True)
