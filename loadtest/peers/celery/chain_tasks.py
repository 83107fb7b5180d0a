"""Three tasks in a row, as Celery's documentation has them run so that none is lost: acknowledged late, one prefetched."""

import os
import time

from celery import Celery

REDIS = os.environ["PEER_REDIS_URL"]
app = Celery("chain", broker=REDIS + "/0", backend=REDIS + "/1")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    result_expires=3600,
    broker_connection_retry_on_startup=True,
)
if os.environ.get("PEER_VISIBILITY_SECONDS"):
    app.conf.broker_transport_options = {
        "visibility_timeout": int(os.environ["PEER_VISIBILITY_SECONDS"]),
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }


def say(line):
    """To the benchmark, at once."""
    os.write(3, (line + "\n").encode())


def pass_on(step, data):
    if data["holdMs"] > 0:
        say("+ " + step)
        time.sleep(data["holdMs"] / 1000)
        say("- " + step)
    return data


# What the steps between hand on travels in messages: only the last result is kept for the client.
@app.task(ignore_result=True)
def a(data):
    return pass_on("a", data)


@app.task(ignore_result=True)
def b(data):
    return pass_on("b", data)


@app.task
def c(data):
    return pass_on("c", data)
