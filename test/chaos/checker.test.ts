import t from 'tap'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { checkHistory } from './campaign/checker/check-history.ts'
import type { AnsweredTask, HandlerNote, History } from './campaign/checker/history.ts'
import type { PlannedTask, StepOrder } from './campaign/planned-task.ts'
import { drawRun } from './campaign/run-seed.ts'

const T0 = 1_790_000_000_000

const order = (about: Partial<StepOrder>): JsonObject =>
  ({
    salt: 5,
    values: [],
    workMs: 10,
    behaviour: 'compute',
    succeedsAt: 1,
    padding: 0,
    ...about,
  }) as unknown as JsonObject

/** A task of two steps, submitted with a key. */
const planned = (op: string, about: Partial<PlannedTask> = {}): PlannedTask => ({
  op,
  kind: 'healthy',
  atMs: 0,
  via: 'request',
  idealEndMs: 20,
  ...about,
  submission: {
    type: 'plan',
    idempotencyKey: `key-${op}`,
    labels: { op },
    deadlineMs: 60_000,
    plan: {
      steps: [
        { id: 's0', agent: 'alpha', input: order({}), retry: { maxAttempts: 2 } },
        { id: 's1', agent: 'beta', needs: ['s0'], input: order({ salt: 3 }), retry: { maxAttempts: 2 } },
      ],
    },
    ...about.submission,
  },
})

const run = (stepId: string, atMs: number, about: Partial<HandlerNote> = {}): HandlerNote[] =>
  (['start', 'effect', 'end'] as const).map((kind, i) => ({
    kind,
    atMs: T0 + atMs + i,
    pid: 100,
    bornAtMs: T0,
    instance: 'agent-1',
    agent: stepId === 's0' ? 'alpha' : 'beta',
    taskId: 'task-a',
    stepId,
    attempt: 1,
    ...about,
  }))

const result = (stepId: string, value: number): JsonValue => ({
  v: 1,
  taskId: 'task-a',
  stepId,
  attempt: 1,
  instance: 'agent-1',
  startedAtMs: T0,
  finishedAtMs: T0,
  outcome: { kind: 'done', output: { value } },
})

/** s0 makes its salt, 5; s1 makes 3 + 2 · 5. */
const ended = (): AnsweredTask => ({
  id: 'task-a',
  status: 'completed',
  rev: 3,
  seq: 3,
  createdAtMs: T0,
  startAtMs: T0,
  deadlineAtMs: T0 + 60_000,
  finishedAtMs: T0 + 40,
  steps: {
    s0: { status: 'completed', attempt: 1, output: { value: 5 } },
    s1: { status: 'completed', attempt: 1, output: { value: 13 } },
  },
  output: { s1: { value: 13 } },
})

/** A run in which everything was as it has to be. */
function goodHistory(): History {
  const task = planned('a')
  const accepted = {
    v: 1,
    taskId: 'task-a',
    deadlineMs: 60_000,
    labels: { op: 'a' },
    plan: structuredClone(task.submission.plan) as unknown as JsonValue,
  }
  const log = (seq: number, kind: string, body: JsonValue, agent?: string) => ({
    seq,
    atMs: T0 + (seq === 1 ? 0 : seq === 2 ? 20 : 40),
    partition: 1,
    kind,
    body,
    ...(agent && { agent }),
  })
  const note = (act: 'submit' | 'read', phase: 'invoke' | 'ok', more: object = {}) => ({
    op: 'a',
    act,
    phase,
    atMs: T0 + 50,
    ...more,
  })
  return {
    seed: 1,
    tasks: [task],
    startedAtMs: T0,
    healedAtMs: T0 + 30,
    endedAtMs: T0 + 1000,
    clients: [
      note('submit', 'invoke'),
      note('submit', 'ok', { taskId: 'task-a' }),
      note('read', 'ok', {
        taskId: 'task-a',
        read: { status: 'completed', rev: 3, finishedAtMs: T0 + 40 },
      }),
    ],
    handlers: [...run('s0', 5), ...run('s1', 25)],
    processes: [
      { kind: 'started', atMs: T0, instance: 'agent-1', role: 'agent', version: 'current', pid: 100 },
    ],
    faults: [],
    log: [
      log(1, 'accepted', accepted),
      log(2, 'result', result('s0', 5), 'alpha'),
      log(3, 'result', result('s1', 13), 'beta'),
    ],
    purged: 1,
    purges: true,
    answers: { 'task-a': ended() },
    stored: { 'task-a': ended() },
    dead: [],
  }
}

type Doctored = [name: string, rule: string, doctor: (history: History) => void]

const answer = (history: History) => history.answers['task-a'] as AnsweredTask
/** The same lie in both, so that it is not found by comparing them. */
const both = (history: History, change: (task: AnsweredTask) => void) => {
  change(answer(history))
  change(history.stored['task-a']!)
}
const client = (note: Partial<History['clients'][number]>) => ({
  op: 'a',
  act: 'submit' as const,
  phase: 'ok' as const,
  atMs: T0 + 60,
  ...note,
})
const fails = (code: string, stepId?: string) => (task: AnsweredTask) => {
  task.status = 'failed'
  task.error = { code, message: 'because', ...(stepId && { stepId }) }
  delete task.output
}

const DOCTORED: Doctored[] = [
  [
    'a log that keeps its beginning',
    'C1',
    (h) => {
      h.purged = 0
    },
  ],
  [
    'a task that never ends',
    '1',
    (h) => both(h, (task) => Object.assign(task, { status: 'running', finishedAtMs: undefined })),
  ],
  [
    'a task that ends too late',
    '1',
    (h) =>
      both(h, (task) => {
        task.finishedAtMs = T0 + 70_500
      }),
  ],
  [
    'a task that stands still',
    '1',
    (h) =>
      both(h, (task) => {
        task.finishedAtMs = T0 + 20_000
      }),
  ],
  [
    'an accepted task that the service does not know',
    '1',
    (h) => {
      h.answers['task-a'] = null
    },
  ],
  [
    'an accepted task that the service gives no answer about',
    '1',
    (h) => {
      h.answers['task-a'] = 'timeout'
    },
  ],
  ['a healthy task that fails', '1', (h) => both(h, fails('DEADLINE_EXCEEDED'))],
  ['a healthy step that is taken for poison', '1', (h) => both(h, fails('POISON_MESSAGE', 's0'))],
  [
    'a task that nobody cancelled and is',
    '1',
    (h) =>
      both(h, (task) => {
        task.status = 'cancelled'
      }),
  ],
  [
    'an end that changes afterwards',
    '1',
    (h) =>
      h.clients.push(
        client({ act: 'read', taskId: 'task-a', read: { status: 'failed', rev: 3, finishedAtMs: T0 + 40 } }),
      ),
  ],
  [
    'an end that is another one at the end',
    '1',
    (h) => {
      h.clients[2]!.read!.finishedAtMs = T0 + 39
    },
  ],
  [
    "an accepted task that a client can't see",
    '1',
    (h) => h.clients.push(client({ act: 'read', phase: 'fail', code: 'TASK_NOT_FOUND', taskId: 'task-a' })),
  ],
  [
    'a receipt for a task that the log has not',
    '1',
    (h) => h.clients.push(client({ op: 'b', taskId: 'task-b' })),
  ],
  [
    'a cancel that was accepted and lost',
    '1',
    (h) => h.clients.push(client({ act: 'cancel', taskId: 'task-a' })),
  ],
  [
    'a durable submission that is never taken in',
    '1',
    (h) => {
      h.tasks.push(planned('q', { via: 'queue' }))
      h.clients.push(client({ op: 'q' }))
    },
  ],
  [
    'a state that nobody accepted',
    '2',
    (h) => {
      h.stored['task-x'] = { ...ended(), id: 'task-x' }
    },
  ],
  [
    'an answer that nobody accepted',
    '2',
    (h) => {
      h.answers['task-x'] = { ...ended(), id: 'task-x' }
    },
  ],
  [
    'an invalid submission that is accepted',
    '2',
    (h) => {
      h.tasks[0]!.kind = 'invalid'
    },
  ],
  [
    'a valid submission that is refused',
    '2',
    (h) => h.clients.push(client({ phase: 'fail', code: 'UNKNOWN_AGENT', status: 400 })),
  ],
  [
    'a fault of the service',
    'A5',
    (h) => h.clients.push(client({ phase: 'info', code: 'INTERNAL', status: 500 })),
  ],
  [
    'one operation, two tasks',
    '5',
    (h) => {
      const twin = structuredClone(h.log[0]!)
      ;(twin.body as JsonObject).taskId = 'task-b'
      h.log.push({ ...twin, seq: 4 })
      h.answers['task-b'] = { ...ended(), id: 'task-b' }
    },
  ],
  ['the same key, two receipts', '5', (h) => h.clients.push(client({ act: 'repeat', taskId: 'task-b' }))],
  [
    'the same key and body, refused',
    '5',
    (h) =>
      h.clients.push(client({ act: 'repeat', phase: 'fail', code: 'IDEMPOTENCY_CONFLICT', status: 409 })),
  ],
  [
    'another body under the same key, accepted',
    '5',
    (h) => h.clients.push(client({ act: 'conflict', taskId: 'task-a' })),
  ],
  [
    'an end by an event that is not there',
    '6',
    (h) =>
      both(h, (task) => {
        task.seq = 9
      }),
  ],
  [
    'an end at another time than its event',
    '6',
    (h) =>
      both(h, (task) => {
        task.finishedAtMs = T0 + 45
      }),
  ],
  [
    'a cancel that was overrun',
    '6',
    (h) => {
      h.log[2]!.seq = 4
      both(h, (task) => {
        task.seq = 4
      })
      h.log.splice(2, 0, { seq: 3, atMs: T0 + 30, partition: 1, kind: 'control', body: { taskId: 'task-a' } })
    },
  ],
  [
    'a deadline before its time',
    '6',
    (h) => {
      h.tasks[0]!.kind = 'tight'
      both(h, fails('DEADLINE_EXCEEDED'))
    },
  ],
  [
    'a completed task with an open step',
    '6',
    (h) =>
      both(h, (task) => {
        task.steps.s0!.status = 'dispatched'
      }),
  ],
  ['a completed step without a result', '6', (h) => void h.log.splice(1, 1)],
  [
    'a result of another type of agent that counted',
    '6',
    (h) => {
      h.log[1]!.agent = 'beta'
    },
  ],
  [
    'a second result that replaced the first',
    '6',
    (h) => {
      h.log.splice(1, 0, { ...h.log[1]!, seq: 2, body: result('s0', 4) })
    },
  ],
  [
    'a step past its attempts',
    '6',
    (h) =>
      both(h, (task) => {
        task.steps.s1!.attempt = 3
      }),
  ],
  [
    'a wrong value',
    '6',
    (h) => {
      h.log[2]!.body = result('s1', 14)
      both(h, (task) => {
        task.steps.s1!.output = { value: 14 }
        task.output = { s1: { value: 14 } }
      })
    },
  ],
  [
    'an output that is not that of its steps',
    '6',
    (h) =>
      both(h, (task) => {
        task.output = { s0: { value: 5 } }
      }),
  ],
  [
    'a state in Redis that is not the answer',
    '6',
    (h) => {
      h.stored['task-a']!.rev = 2
    },
  ],
  ['a state that Redis has not', '6', (h) => void delete h.stored['task-a']],
  [
    'a step that ran before what it needs',
    '3',
    (h) => {
      h.log[1]!.atMs = T0 + 500
    },
  ],
  [
    'a step that ran though what it needs never ended',
    '3',
    (h) =>
      both(h, (task) => {
        task.steps.s0!.status = 'skipped'
      }),
  ],
  ['a run past the last attempt', '4', (h) => h.handlers.push(...run('s1', 50, { attempt: 3 }))],
  [
    'an attempt that begins after the next',
    '4',
    (h) => {
      h.handlers.push(...run('s0', 10, { attempt: 2, pid: 101 }), ...run('s0', 900, { pid: 102 }))
      h.handlers.splice(0, 3)
    },
  ],
  ['work that outlives its task', '4', (h) => h.handlers.push(...run('s1', 9000, { pid: 101 }))],
  ['an attempt that runs beside itself', 'B1', (h) => h.handlers.unshift(...run('s0', 5))],
  [
    'an attempt that runs everywhere',
    'B1',
    (h) => h.handlers.push(...[1, 2, 3, 4].flatMap((n) => run('s0', 5, { pid: 200 + n }))),
  ],
  [
    'an agent with more in hand than it may have',
    'B1',
    (h) =>
      h.handlers.push(
        ...Array.from({ length: 9 }, (_, n) => run('s0', 5, { pid: 300, taskId: `other-${n}` })).flat(),
      ),
  ],
  [
    'an innocent step under dead',
    '7',
    (h) => h.dead.push({ seq: 1, agent: 'alpha', taskId: 'task-a', stepId: 's0', attempt: 1 }),
  ],
  ['poison that is not under dead', '7', (h) => poisoned(h, 0)],
  ['poison that lies there twice', '7', (h) => poisoned(h, 2)],
  [
    'poison that ends as something else',
    '1',
    (h) => {
      poisoned(h, 1)
      both(h, fails('STEP_TIMEOUT', 's0'))
    },
  ],
  [
    'an orchestrator that ends unasked',
    'A2',
    (h) =>
      h.processes.push({
        kind: 'ended',
        atMs: T0,
        instance: 'orchestrator-1',
        role: 'orchestrator',
        version: 'current',
        pid: 1,
        asked: false,
        how: '1',
      }),
  ],
  [
    'an agent that ends unasked',
    'A2',
    (h) =>
      h.processes.push({
        kind: 'ended',
        atMs: T0,
        instance: 'agent-1',
        role: 'agent',
        version: 'current',
        pid: 2,
        asked: false,
        how: '1',
      }),
  ],
]

/** The task's first step takes its process down, and lies under dead so many times. */
function poisoned(history: History, times: number): void {
  history.tasks[0]!.kind = 'poison'
  for (const steps of [history.tasks[0]!.submission.plan!.steps, plan(history)])
    (steps[0]!.input as JsonObject).behaviour = 'poison'
  both(history, (task) => {
    fails('POISON_MESSAGE', 's0')(task)
    const error = { code: 'POISON_MESSAGE', message: 'because' }
    task.steps = { s0: { status: 'failed', attempt: 1, error }, s1: { status: 'skipped', attempt: 0 } }
  })
  history.clients = history.clients.filter(({ act }) => act !== 'read')
  history.handlers = history.handlers.filter(({ stepId, kind }) => stepId === 's0' && kind === 'start')
  for (let i = 0; i < times; i++)
    history.dead.push({ seq: i + 1, agent: 'alpha', taskId: 'task-a', stepId: 's0', attempt: 1 })
}

function plan(history: History): { input: JsonValue }[] {
  return ((history.log[0]!.body as JsonObject).plan as JsonObject).steps as unknown as { input: JsonValue }[]
}

t.test('a run in which everything was kept', async (t) => {
  t.strictSame(checkHistory(goodHistory()), [])
})

for (const [name, rule, doctor] of DOCTORED)
  t.test(`it finds ${name}`, async (t) => {
    const history = goodHistory()
    doctor(history)
    const rules = checkHistory(history).map((violation) => violation.rule)
    t.ok(rules.includes(rule), `rule ${rule} among ${rules.join(', ') || 'none'}`)
  })

t.test('what may be is no violation', async (t) => {
  const poison = goodHistory()
  poisoned(poison, 1)
  t.strictSame(checkHistory(poison), [], 'poison that lies under dead once')

  const conflict = goodHistory()
  conflict.clients.push(client({ act: 'conflict', phase: 'fail', code: 'IDEMPOTENCY_CONFLICT', status: 409 }))
  t.strictSame(checkHistory(conflict), [], 'another body that is refused')

  const lost = goodHistory()
  const fault = { kind: 'nats-stale' as const, atMs: 0, lastsMs: 0, target: 0 }
  lost.faults.push({ fault, beganAtMs: T0, copiedAtMs: T0 + 55, endedAtMs: T0 + 100, inHand: 1, open: 1 })
  lost.clients.push(client({ op: 'b', taskId: 'task-b' }))
  t.strictSame(checkHistory(lost), [], 'a task that went with the store of NATS')
})

t.test('a seed decides everything', async (t) => {
  const runs = Array.from({ length: 200 }, (_, seed) => drawRun(seed + 1))
  t.strictSame(runs[16], drawRun(17), 'the same seed, the same run')
  const kinds = new Set(runs.flatMap(({ faults }) => faults.map(({ kind }) => kind)))
  t.equal(kinds.size, 20, 'every kind of fault comes up in 200 runs')
  t.ok(runs.some(({ faults }) => faults.length === 0) && runs.some(({ faults }) => faults.length === 2))
  const tasks = runs.flatMap((run) => run.tasks)
  for (const kind of ['healthy', 'tight', 'poison', 'invalid'])
    t.ok(
      tasks.some((task) => task.kind === kind),
      `there are tasks that are ${kind}`,
    )
})
