"""A worker: `ready` is said when it takes tasks."""

import os
import sys
import threading

from celery.signals import worker_ready
from chain_tasks import app, say


@worker_ready.connect
def tell(**_):
    say("ready")


def end_with_parent():
    """The benchmark holds the other end of the standard input."""
    # Without the lock of sys.stdin, which the processes of the pool would inherit taken.
    while os.read(0, 4096):
        pass
    app.control.shutdown()


threading.Thread(target=end_with_parent, daemon=True).start()
app.worker_main(["worker", "--loglevel=WARNING", "--concurrency=" + sys.argv[1], "--without-gossip", "--without-mingle"])
