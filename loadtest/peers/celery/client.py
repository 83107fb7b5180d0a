"""For each line `ID HOLD_MS` of the standard input a chain of three tasks; `ID` is said when its result is there."""

import json
import os
import sys
import threading

import redis
from celery import chain
from chain_tasks import REDIS, a, app, b, c, say

PAYLOAD = "x" * 200
PREFIX = app.backend.task_keyprefix.decode() if isinstance(app.backend.task_keyprefix, bytes) else app.backend.task_keyprefix
waiting = {}
lock = threading.Lock()


def listen(pubsub):
    """The backend publishes every result under the key that it keeps it in, which is what AsyncResult.get() listens to."""
    for message in pubsub.listen():
        if message["type"] != "pmessage":
            continue
        meta = json.loads(message["data"])
        with lock:
            number = waiting.pop(meta["task_id"], None)
        if number is None:
            continue
        if meta["status"] == "SUCCESS" and meta["result"]["payload"] == PAYLOAD:
            say(number)
        else:
            say("! %s %s" % (number, meta["status"]))


pubsub = redis.Redis.from_url(REDIS + "/1").pubsub()
pubsub.psubscribe(PREFIX + "*")
threading.Thread(target=listen, args=(pubsub,), daemon=True).start()
say("ready")
for line in sys.stdin:
    number, hold = line.split()
    # Its result may be published before its id is known here.
    with lock:
        waiting[chain(a.s({"payload": PAYLOAD, "holdMs": int(hold)}), b.s(), c.s()).apply_async().id] = number
os._exit(0)
