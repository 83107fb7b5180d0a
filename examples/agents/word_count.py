#!/usr/bin/env python3
"""Agent `word-count` in plain Python: docs/agent-protocol.md in some 200 lines, with nothing to install.

    NATS_URL=nats://user:password@127.0.0.1:4222 python3 word_count.py

Beside a local stack, NATS_URL is the "agentUrl" in .murmur/run/stack.json.

Input {"text": "..."}, output {"words": n}. To write another agent, change AGENT and handle().
"""
import json, os, queue, secrets, signal, socket, sys, threading, time
from collections import namedtuple
from urllib.parse import unquote, urlsplit

AGENT, INSTANCE = "word-count", f"word-count-py-{secrets.token_hex(3)}"
ABOUT = {"type": AGENT, "instance": INSTANCE, "version": "1"}
Message = namedtuple("Message", "reply status data")


def handle(data, progress):
    """The work itself. Returns an outcome: done, retry or fail."""
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        return problem("fail", "INVALID_STEP_INPUT", "text: must be a string")
    progress(0.5, "counting")
    return {"kind": "done", "output": {"words": len(data["text"].split())}}


def problem(kind, code, message):
    return {"kind": kind, "error": {"code": code, "message": message[:4000]}}


class Lost(Exception):
    """The connection to NATS is gone: everything starts anew, and unfinished steps come again."""


class Nats:
    """One connection: publish, subscribe, request."""

    def __init__(self, url):
        at = urlsplit(url)
        self.lock, self.queues = threading.Lock(), {}
        self.socket = socket.create_connection((at.hostname, at.port or 4222), timeout=5)
        self.file = self.socket.makefile("rb")
        self.file.readline()  # INFO {...}
        options = {"verbose": False, "headers": True, "no_responders": True, "lang": "python", "version": "1"}
        self.inboxes = "_INBOX"
        if at.username:
            options |= {"user": unquote(at.username), "pass": unquote(at.password or "")}
            self.inboxes = f"_INBOX_OF.{unquote(at.username)}"  # nobody else may listen there
        self.send(b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n")
        while (line := self.file.readline()) != b"PONG\r\n":
            if not line or line.startswith(b"-ERR"):
                raise Lost(f"NATS refused the connection: {line.decode().strip() or 'closed'}")
        self.socket.settimeout(None)
        threading.Thread(target=self.read, daemon=True).start()

    def send(self, data):
        try:
            with self.lock:
                self.socket.sendall(data)
        except OSError as error:
            raise Lost(f"connection lost: {error}") from error

    def read(self):
        try:
            while line := self.file.readline():
                self.on_line(line.decode())
        except (OSError, ValueError, Lost) as error:
            print(f"reading: {error}", file=sys.stderr)
        self.socket.close()
        for messages in list(self.queues.values()):
            messages.put(None)

    def on_line(self, line):
        verb, *words = line.split()
        if verb in ("PING", "-ERR"):
            self.send(b"PONG\r\n") if verb == "PING" else print(line.strip(), file=sys.stderr)
        elif verb in ("MSG", "HMSG"):  # MSG subject sid [reply] size, HMSG subject sid [reply] head-size size
            sizes = [int(word) for word in words[-1 if verb == "MSG" else -2:]]
            reply = words[2] if len(words) > 2 + len(sizes) else ""
            body = self.file.read(sizes[-1] + 2)[:-2]
            head_size = sizes[0] if verb == "HMSG" else 0
            head = body[:head_size].split(b"\r\n")[0].split()  # NATS/1.0, or NATS/1.0 408 ...: the server itself speaks
            message = Message(reply, int(head[1]) if len(head) > 1 else 0, body[head_size:])
            self.queues.get(words[1], queue.Queue()).put(message)

    def publish(self, subject, data, reply="", message_id=None):
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        head = f"NATS/1.0\r\nNats-Msg-Id: {message_id}\r\n\r\n" if message_id else ""
        sizes = f"{len(head)} {len(head) + len(data)}" if head else f"{len(data)}"
        self.send(f"{'HPUB' if head else 'PUB'} {subject} {reply} {sizes}\r\n{head}".encode() + data + b"\r\n")

    def subscribe(self):
        """A new inbox: its subject, its id, and the queue that its messages come to."""
        inbox, sid, messages = f"{self.inboxes}.{secrets.token_hex(11)}", secrets.token_hex(4), queue.Queue()
        self.queues[sid] = messages
        self.send(f"SUB {inbox} {sid}\r\n".encode())
        return inbox, sid, messages

    def receive(self, messages, seconds):
        """The next message, or None when none came in time."""
        try:
            message = messages.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            messages.put(None)  # for whoever waits next
            raise Lost("connection lost")
        return message

    def request(self, subject, data, message_id=None):
        """The answer as JSON; None when nobody answered."""
        inbox, sid, messages = self.subscribe()
        try:
            self.publish(subject, data, inbox, message_id)
            answer = self.receive(messages, 2)
            return json.loads(answer.data) if answer and answer.status == 0 else None
        finally:
            del self.queues[sid]
            self.send(f"UNSUB {sid}\r\n".encode())

    def store(self, subject, data, message_id):
        """Publishes to a stream until that says it has the message; the id makes repeating harmless."""
        while "seq" not in (self.request(subject, data, message_id) or {}):
            time.sleep(0.25)


class Agent:
    def __init__(self, nats, stopping):
        self.nats, self.stopping, self.started_at_ms = nats, stopping, now_ms()
        self.in_flight, self.counts = {}, {"completed": 0, "failed": 0}

    def run(self):
        workers = [threading.Thread(target=self.work, args=(name,)) for name in self.register()]
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            self.beat("draining" if self.stopping.is_set() else "ready")
            for ack_subject in list(self.in_flight):
                self.nats.publish(ack_subject, b"+WPI")  # still working: starts the 4 s anew
            time.sleep(1)
        self.beat("stopped")

    def register(self):
        """Makes the queues of this agent type, and names them. There may be no orchestrator yet."""
        while not self.stopping.is_set():
            answer = self.nats.request("murmur.agents.register", ABOUT)
            if answer and answer.get("ok"):
                return answer["consumers"]
            print(f"not registered: {answer or 'no orchestrator answers'}", file=sys.stderr)
            self.stopping.wait(1)
        return []

    def beat(self, status):
        load = {"capacity": 3, "inFlight": len(self.in_flight), **self.counts}
        about = {**ABOUT, "status": status, "startedAtMs": self.started_at_ms, **load}
        self.nats.publish(f"agents.heartbeat.{AGENT}.{INSTANCE}", about)

    def work(self, consumer):
        """One worker a priority: none waits for another, so low ones are never starved."""
        try:
            inbox, _, messages = self.nats.subscribe()
            while not self.stopping.is_set():
                ask = {"batch": 1, "expires": 2 * 10**9}  # nanoseconds
                self.nats.publish(f"$JS.API.CONSUMER.MSG.NEXT.STEPS.{consumer}", ask, inbox)
                message = self.nats.receive(messages, seconds=4)
                if message and message.status == 0:
                    self.settle(message)
                elif not message or message.status not in (404, 408):
                    self.stopping.wait(0.5)  # 409, 503 or silence: the consumer or its server is away
        except Lost:
            print(f"{consumer}: connection lost", file=sys.stderr)

    def settle(self, message):
        """Result first, acknowledgement second: what crashes in between is done again, and counted once."""
        self.in_flight[message.reply] = True
        try:
            step = json.loads(message.data)
            result = {"v": 1, "instance": INSTANCE, "startedAtMs": now_ms()}
            result |= {key: step[key] for key in ("taskId", "stepId", "attempt")}
            result |= {"outcome": self.outcome(step, message.data), "finishedAtMs": now_ms()}
            subject, message_id = step["reply"], f"{step['taskId']}:{step['stepId']}:{step['attempt']}:result"
        except (ValueError, KeyError, TypeError):  # no step: kept for people, and never delivered again
            seq = message.reply.split(".")[5]  # $JS.ACK.<stream>.<consumer>.<deliveries>.<seq>...
            self.nats.store(f"dead.{AGENT}", message.data, f"steps:{seq}:dead")
            self.nats.publish(message.reply, b"+TERM")
        else:
            self.nats.store(subject, result, message_id)
            self.nats.publish(message.reply, b"+ACK")
            self.counts["completed" if result["outcome"]["kind"] == "done" else "failed"] += 1
        finally:
            del self.in_flight[message.reply]

    def outcome(self, step, data):
        def progress(fraction, note):
            event = {key: step[key] for key in ("v", "taskId", "stepId", "attempt")}
            event |= {"kind": "progress", "type": step["taskType"], "atMs": now_ms(), "fraction": fraction, "note": note}
            self.nats.publish(f"tasks.events.{step['taskType']}.{step['taskId']}.progress", event)

        if b'"$json"' in data:
            return problem("fail", "BLOB_INPUT_UNSUPPORTED", "this agent can't read inputs from the object store")
        try:
            return handle(step["input"], progress)
        except Lost:
            raise
        except Exception as error:
            return problem("retry", "STEP_FAILED", str(error))


def now_ms():
    return int(time.time() * 1000)


if __name__ == "__main__":
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            Agent(Nats(os.environ.get("NATS_URL", "nats://127.0.0.1:4222")), stopping).run()
        except (Lost, OSError) as error:
            print(f"{error}; trying again", file=sys.stderr)
            stopping.wait(1)
