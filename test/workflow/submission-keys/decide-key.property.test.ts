import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { taskAcceptedExample } from '#schemas/log-event.ts'
import { ON_CONFLICT, type SubmissionKey, submissionKeySchema } from '#schemas/submission-key.ts'
import {
  closed,
  decideSubmission,
  keyWork,
  published,
  releaseOf,
  started,
} from '../../../services/workflow/submission-keys/decide-key.ts'

// Two orchestrators and a log: each reads what is stored, decides, and writes only after what it has read. Any step may be the last
// that one of them does; the other goes on with what is stored.

const T0 = 1_790_000_000_000

/** A task as the log has it. */
interface Task {
  state: 'held' | 'live' | 'over'
  input: number
}

interface World {
  nowMs: number
  stored: { record: SubmissionKey; seq: number } | undefined
  seq: number
  tasks: Map<string, Task>
  /** What was submitted last for each task, as whoever submitted was told. */
  last: Map<string, number>
}

/** Writes into the log are idempotent, as its message ids and the fold make them. */
function accept(world: World, record: SubmissionKey): SubmissionKey {
  const { task } = record
  if (task && !world.tasks.has(task.taskId))
    world.tasks.set(task.taskId, { state: task.held ? 'held' : 'live', input: task.input.n as number })
  return published(record)
}

function release(world: World, record: SubmissionKey): SubmissionKey {
  const control = releaseOf(record)
  const task = control && world.tasks.get(control.taskId)
  if (control?.action === 'release' && task?.state === 'held') {
    task.state = 'live'
    if (control.task) task.input = control.task.input.n as number
    assert.equal(task.input, world.last.get(control.taskId), 'it starts with the last input')
  }
  return started(record, world.nowMs)
}

/** @returns whether nobody has written since */
function write(world: World, record: SubmissionKey, afterSeq: number): boolean {
  if ((world.stored?.seq ?? 0) !== afterSeq) return false
  const stored = submissionKeySchema.parse(JSON.parse(JSON.stringify(record)))
  world.stored = { record: stored, seq: ++world.seq }
  return true
}

const isOver = (world: World, taskId: string | undefined) =>
  taskId !== undefined && world.tasks.get(taskId)?.state === 'over'

interface Submitted {
  id: string
  n: number
  kind: 'singleton' | 'debounce'
  onConflict: (typeof ON_CONFLICT)[number]
  delayMs: number
}

/** One orchestrator with one submission; each `yield` is a place at which the other may go on, or this one die. */
function* submit(world: World, { id, n, kind, onConflict, delayMs }: Submitted): Generator<void, void> {
  const held = kind === 'debounce' ? ({ held: 'debounce' } as const) : {}
  const accepted = { ...taskAcceptedExample, taskId: id, input: { n }, bodyHash: `hash ${id}`, ...held }
  const options =
    kind === 'singleton'
      ? { singleton: { key: 'k', onConflict } }
      : { debounce: { key: 'k', delayMs, maxDelayMs: 500 } }
  for (;;) {
    const read = world.stored
    let record = read?.record
    yield
    if (record?.unpublished) record = accept(world, record)
    if (record?.window?.closed) record = release(world, record)
    const holderEnded = isOver(world, record?.holder?.taskId)
    const verdict = decideSubmission(record, { accepted, ...options }, { nowMs: world.nowMs, holderEnded })
    yield
    if (!('record' in verdict)) return
    if (!write(world, verdict.record, read?.seq ?? 0)) continue
    if (verdict.kind !== 'existing') world.last.set(verdict.record.holder!.taskId, n)
    yield
    if (verdict.kind === 'started') accept(world, verdict.record)
    return
  }
}

/** What the owner of a key does when nobody submits. */
function* work(world: World): Generator<void, void> {
  const read = world.stored
  if (!read) return
  yield
  const { record, seq } = read
  switch (keyWork(record, world.nowMs)) {
    case 'publish': {
      const next = accept(world, record)
      yield
      write(world, next, seq)
      return
    }
    case 'close-window': {
      const decided = closed(record)
      if (!write(world, decided, seq)) return
      const at = world.seq
      yield
      const next = release(world, decided)
      yield
      write(world, next, at)
      return
    }
    case 'start': {
      const next = release(world, record)
      yield
      write(world, next, seq)
      return
    }
    case 'await-predecessors':
      for (const taskId of record.predecessors ?? []) world.tasks.get(taskId)!.state = 'over'
      yield
      write(world, release(world, record), seq)
      return
  }
}

const turn = fc.record({
  what: fc.constantFrom(
    'submit',
    'submit',
    'submit',
    'again',
    'work',
    'work',
    'step',
    'step',
    'step',
    'end',
    'die',
  ),
  passMs: fc.constantFrom(0, 0, 1, 20, 60, 1200),
  pick: fc.nat(1000),
  onConflict: fc.constantFrom(...ON_CONFLICT),
  delayMs: fc.constantFrom(50, 100),
})

for (const kind of ['singleton', 'debounce'] as const) {
  t.test(`${kind}: whatever is interleaved, and whoever dies`, async () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 30, maxLength: 120, size: 'max' }), (turns) => {
        const world: World = { nowMs: T0, stored: undefined, seq: 0, tasks: new Map(), last: new Map() }
        const submitted: Submitted[] = []
        let open: Generator<void, void>[] = []
        const check = () => {
          const live = [...world.tasks.values()].filter(({ state }) => state === 'live')
          // A debounced task that runs has its key no more.
          if (kind === 'singleton') assert.ok(live.length <= 1, 'two have the key')
        }
        for (const { what, passMs, pick, onConflict, delayMs } of turns) {
          world.nowMs += passMs
          if (what === 'submit') {
            const one = { id: `t${submitted.length}`, n: submitted.length, kind, onConflict, delayMs }
            submitted.push(one)
            open.push(submit(world, one))
          } else if (what === 'again' && submitted.length > 0)
            open.push(submit(world, submitted[pick % submitted.length]!))
          else if (what === 'work') open.push(work(world))
          else if (what === 'end') {
            // Also one that is held, as somebody cancels it.
            const live = [...world.tasks.values()].filter(({ state }) => state !== 'over')
            if (live.length > 0) live[pick % live.length]!.state = 'over'
          } else if (what === 'die') open = []
          else if (open.length > 0) {
            const at = pick % open.length
            if (open[at]!.next().done) open.splice(at, 1)
          }
          check()
        }
        for (const one of open) for (const _ of one) check()
        // Left alone, everything that was accepted gets to run, and runs once: what is in the log has left its window.
        for (let i = 0; i < 20; i++) {
          world.nowMs += 1200
          for (const _ of work(world)) check()
          for (const task of world.tasks.values()) if (task.state === 'live') task.state = 'over'
        }
        for (const [id, { state }] of world.tasks) assert.equal(state, 'over', `${id} is ${state} for ever`)
        assert.ok(!world.stored?.record.unpublished && !world.stored?.record.window)
      }),
      { numRuns: 1500 },
    )
  })
}
