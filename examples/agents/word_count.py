#!/usr/bin/env python3
"""Agent `word-count` in plain Python: docs/agent-protocol.md in some 300 lines, with nothing to install.

    python3 word_count.py                                                 beside the stack of this checkout
    NATS_URL=nats://user:password@127.0.0.1:4222 python3 word_count.py    elsewhere

Input {"text": "...", "workMs": 0}, output {"words": n}; it pretends to work for so long. To write another agent, change AGENT and handle().
"""
import json, os, queue, secrets, signal, socket, sys, threading, time
from collections import namedtuple
from urllib.parse import unquote, urlsplit

AGENT, INSTANCE = "word-count", f"word-count-py-{secrets.token_hex(3)}"
BORN_AT_MS = int(time.time() * 1000)  # of this process: tells it from an earlier one of the same name
ASK_AFTER_MS = 5000  # what waited longer may be over by now
GRACE_S = 5  # for what is in hand when we have to stop
ABOUT = {"type": AGENT, "instance": INSTANCE, "version": "1"}
Message = namedtuple("Message", "reply status data")


def handle(data, progress, over):
    """The work itself. Returns an outcome: done, retry or fail. `over` is set when nobody wants it any more."""
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        return problem("fail", "INVALID_STEP_INPUT", "text: must be a string")
    progress(0.5, "counting")
    over.wait(data.get("workMs", 0) / 1000)
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

    def subscribe(self, subject=None):
        """A subject, or a new inbox: what it is, its id, and the queue that its messages come to."""
        inbox, sid, messages = subject or f"{self.inboxes}.{secrets.token_hex(11)}", secrets.token_hex(4), queue.Queue()
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

    def request(self, subject, data, message_id=None, seconds=2):
        """The answer as JSON; None when nobody answered."""
        inbox, sid, messages = self.subscribe()
        try:
            self.publish(subject, data, inbox, message_id)
            answer = self.receive(messages, seconds)
            return json.loads(answer.data) if answer and answer.status == 0 else None
        finally:
            del self.queues[sid]
            self.send(f"UNSUB {sid}\r\n".encode())

    def store(self, subject, data, message_id):
        """Publishes to a stream until that says it has the message; the id makes repeating harmless."""
        while "seq" not in (self.request(subject, data, message_id) or {}):
            time.sleep(0.25)


class Work:
    """A message in hand: where it is settled, and what is known of its step."""

    def __init__(self, message):
        # $JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.<consumer seq>.<time>.<pending>; longer with domain and account
        tokens = message.reply.split(".")
        at = 4 if len(tokens) == 9 else 6
        self.ack, self.data, self.step = message.reply, message.data, None
        self.deliveries, self.seq, self.stored_ms = int(tokens[at]), tokens[at + 1], int(tokens[at + 3]) / 1e6
        self.started, self.told, self.dropped, self.settled = None, False, False, False
        self.over = threading.Event()

    def about(self, *more):
        return {key: self.step[key] for key in ("taskId", "stepId", "attempt", *more)}


class Turns:
    """Lets one step run alone: it waits until nothing runs, and nothing begins until it has ended."""

    def __init__(self):
        self.changed, self.running, self.waiting, self.alone = threading.Condition(), 0, 0, False

    def enter(self, alone):
        with self.changed:
            self.waiting += alone
            self.changed.wait_for(lambda: not self.alone and not (self.running if alone else self.waiting))
            self.waiting -= alone
            self.running, self.alone = self.running + 1, alone

    def leave(self):
        with self.changed:
            self.running, self.alone = self.running - 1, False
            self.changed.notify_all()


class Agent:
    def __init__(self, nats, stopping):
        self.nats, self.stopping = nats, stopping
        self.in_hand, self.counts, self.turns = {}, {"completed": 0, "failed": 0}, Turns()
        self.cordoned = threading.Event()  # drained by an operator: takes nothing new, and finishes what it has
        self.broker_ahead_ms = None  # of our monotonic clock; None until an orchestrator has told

    def run(self):
        workers = [threading.Thread(target=self.work, args=(name,), daemon=True) for name in self.register()]
        more = [threading.Thread(target=target, daemon=True) for target in (self.tell_running, self.hear_orders)]
        for thread in [*workers, *more]:
            thread.start()
        leave_at = None
        while any(worker.is_alive() for worker in workers):
            self.beat()
            for work in list(self.in_hand.values()):
                self.nats.publish(work.ack, b"+WPI")  # still working: starts the 4 s anew
            if self.stopping.is_set():
                leave_at = leave_at or time.monotonic() + GRACE_S
                if time.monotonic() >= leave_at:
                    self.hand_back(list(self.in_hand.values()))
                    break
            time.sleep(1)
        self.beat("stopped")

    def register(self):
        """Makes the queues of this agent type, and names them. There may be no orchestrator yet."""
        while not self.stopping.is_set():
            answer = self.nats.request("murmur.agents.register", ABOUT)
            if answer and answer.get("ok"):
                self.cordon(answer.get("cordoned") is True)
                return answer["consumers"]
            print(f"not registered: {answer or 'no orchestrator answers'}", file=sys.stderr)
            self.stopping.wait(0.5)
        return []

    def cordon(self, cordoned):
        (self.cordoned.set if cordoned else self.cordoned.clear)()

    def hear_orders(self):
        """Whether we may take new steps. What is lost on the way is told again when a heartbeat shows it."""
        try:
            _, _, messages = self.nats.subscribe(f"agents.cordon.{AGENT}.{INSTANCE}")
            while True:
                order = self.nats.receive(messages, seconds=None)
                self.cordon(json.loads(order.data).get("cordoned") is True)
                self.beat()
        except Lost:
            return

    def beat(self, status=None):
        idle, cordoned = self.stopping.is_set(), self.cordoned.is_set()
        status = status or ("draining" if idle or cordoned else "ready")
        load = {"cordoned": cordoned and not idle, "capacity": 3, "inFlight": len(self.in_hand), **self.counts}
        about = {**ABOUT, "status": status, "startedAtMs": BORN_AT_MS, **load}
        self.nats.publish(f"agents.heartbeat.{AGENT}.{INSTANCE}", about)

    def work(self, consumer):
        """One worker a priority: none waits for another, so low ones are never starved."""
        try:
            inbox, _, messages = self.nats.subscribe()
            while not self.stopping.is_set():
                if self.cordoned.is_set():
                    self.stopping.wait(0.1)
                    continue
                ask = {"batch": 1, "expires": 2 * 10**9}  # nanoseconds
                self.nats.publish(f"$JS.API.CONSUMER.MSG.NEXT.STEPS.{consumer}", ask, inbox)
                message = self.nats.receive(messages, seconds=4)
                if message and message.status == 0:
                    self.take(Work(message))
                elif not message or message.status not in (404, 408):
                    self.stopping.wait(0.2)  # 409, 503 or silence: the consumer or its server is away
        except Lost:
            print(f"{consumer}: connection lost", file=sys.stderr)

    def take(self, work):
        self.in_hand[work.ack] = work
        try:
            if not self.read(work):  # no step: kept for people, and never delivered again
                self.nats.store(f"dead.{AGENT}", work.data, f"steps:{work.seq}:dead")
                return self.settle(work, b"+TERM")
            alone = work.deliveries > 1 or work.step.get("alone") is True
            self.turns.enter(alone)
            try:
                self.start(work, alone)
            finally:
                self.turns.leave()
        finally:
            del self.in_hand[work.ack]

    def read(self, work):
        try:
            work.step = json.loads(work.data)
            work.about("reply", "taskType", "input")
            return True
        except (ValueError, KeyError, TypeError):
            return False

    def start(self, work, alone):
        """Asks where it has to, runs it, publishes its result, acknowledges: what crashes in between is done again."""
        if self.stopping.is_set():
            return self.hand_back([work])
        now, fresh = self.broker_now_ms(), work.deliveries == 1
        if fresh and now is not None and now > work.step.get("expiresAtMs", now):
            outcome = problem("retry", "QUEUE_TIMEOUT", "it waited in the queue until its time was up")
            return self.report(work, outcome, now_ms())
        if alone or now is None or now - work.stored_ms > ASK_AFTER_MS:
            verdict = self.may_run(work, alone)
            if verdict != "run":  # `drop`: it is over. None: we stop, and it was handed back
                return self.settle(work, b"+ACK") if verdict else None
        work.started, started_at_ms = time.monotonic(), now_ms()
        self.report(work, self.outcome(work), started_at_ms)

    def may_run(self, work, alone):
        pause = 0.25
        while not self.stopping.is_set():
            verdicts = self.ask([work], alone, running=False)
            if verdicts:
                return verdicts[0]["verdict"]
            self.stopping.wait(pause)  # nobody can say just now
            pause = min(5, pause * 2)
        self.hand_back([work])
        return None

    def ask(self, works, alone, running):
        """One verdict a step; None when nobody answers. Tells the broker's clock as well."""
        steps = [{**work.about(), "deliveries": work.deliveries, "alone": alone, "running": running} for work in works]
        body = {"instance": INSTANCE, "bornAtMs": BORN_AT_MS, "steps": steps}
        answer = self.nats.request(f"murmur.steps.start.{AGENT}", body) or {}
        if "brokerNowMs" in answer:
            self.broker_ahead_ms = answer["brokerNowMs"] - time.monotonic() * 1000
        return answer.get("verdicts")

    def tell_running(self):
        """Once about each that has run for a second."""
        try:
            while True:
                time.sleep(0.25)
                untold = [work for work in list(self.in_hand.values()) if work.started and not work.told]
                due = [work for work in untold if time.monotonic() - work.started >= 1]
                verdicts = self.ask(due, self.turns.alone, running=True) if due else None
                for work, verdict in zip(due, verdicts or []):
                    work.told, work.dropped = True, verdict["verdict"] == "drop"
                    if work.dropped:
                        work.over.set()
        except Lost:
            return

    def broker_now_ms(self):
        return None if self.broker_ahead_ms is None else self.broker_ahead_ms + time.monotonic() * 1000

    def report(self, work, outcome, started_at_ms):
        """Result first, acknowledgement second. An attempt that was dropped or handed back has no result."""
        if not work.dropped and not work.settled:
            result = {"v": 1, "instance": INSTANCE, "startedAtMs": started_at_ms, "finishedAtMs": now_ms()}
            message_id = ":".join(map(str, (*work.about().values(), "result", INSTANCE, started_at_ms)))
            if "token" in work.step:
                result["token"] = work.step["token"]
            self.nats.store(work.step["reply"], {**result, **work.about(), "outcome": outcome}, message_id)
            self.counts["completed" if outcome["kind"] == "done" else "failed"] += 1
        self.settle(work, b"+ACK")

    def hand_back(self, works):
        """Steps that are not done when we stop: others get them at once, and no mark is made against them."""
        steps = [work.about() for work in works if work.step and not work.settled]
        if steps:
            self.nats.request(f"murmur.steps.release.{AGENT}", {"instance": INSTANCE, "steps": steps}, seconds=0.5)
        for work in works:
            self.settle(work, b"-NAK")
            work.over.set()

    def settle(self, work, how):
        if not work.settled:
            work.settled = True
            self.nats.publish(work.ack, how)

    def outcome(self, work):
        def progress(fraction, note):
            event = {**work.about("v"), "kind": "progress", "type": work.step["taskType"], "atMs": now_ms()}
            subject = f"tasks.events.{work.step['taskType']}.{work.step['taskId']}.progress"
            self.nats.publish(subject, {**event, "fraction": fraction, "note": note})

        if b'"$json"' in work.data:
            return problem("fail", "BLOB_INPUT_UNSUPPORTED", "this agent can't read inputs from the object store")
        try:
            return handle(work.step["input"], progress, work.over)
        except Lost:
            raise
        except Exception as error:
            return problem("retry", "STEP_FAILED", str(error))


def local_stack():
    """Where the stack of this checkout is: its note is written anew at each of its starts."""
    home = os.environ.get("MURMUR_HOME") or os.path.join(os.path.dirname(__file__), "../../.murmur")
    with open(os.path.join(home, "run", "stack.json")) as note:
        return json.load(note)["agentUrl"]


def now_ms():
    return int(time.time() * 1000)


if __name__ == "__main__":
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            Agent(Nats(os.environ.get("NATS_URL") or local_stack()), stopping).run()
        except (Lost, OSError) as error:
            print(f"{error}; trying again", file=sys.stderr)
            stopping.wait(0.5)
