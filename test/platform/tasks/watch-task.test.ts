import fc from 'fast-check'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type TaskSource, type WatchItem, watchTask } from '#platform/tasks/watch-task.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { runningTask } from '../../cli/task-fixtures.ts'
import { SimulatedClock } from '../../support/simulated-clock.ts'

const never = new AbortController().signal
const POLL_INTERVAL_MS = 15_000

/** One change of the task: when it happens, and how long its events and an answer to a question take. Milliseconds. */
interface Change {
  afterMs: number
  eventMs: number
  isLost?: boolean
  isTwice?: boolean
}

interface Story {
  changes: Change[]
  /** How long reading the task takes, there and back. */
  answerMs: number
}

/** The events of a revision: the last one ends the task, and is told by two. */
function eventsAt(rev: number, lastRev: number): TaskEvent[] {
  const event: TaskEvent = { v: 1, kind: 'step-completed', taskId: 'task-1', type: 'plan', rev, atMs: rev }
  const step = { ...event, stepId: `step-${rev}` }
  return rev === lastRev ? [step, { ...event, kind: 'completed' }] : [step]
}

/** A task that changes as the story says, told over two ways of different speed. */
function simulate({ changes, answerMs }: Story, clock: SimulatedClock): TaskSource & { reads: number } {
  const listeners = new Set<(event: TaskEvent) => void>()
  const lastRev = changes.length + 1
  let rev = 1
  let changedAtMs = 0
  let arrivesMs = 0
  for (const [index, change] of changes.entries()) {
    changedAtMs += change.afterMs
    // Events of one task come in the order in which they were sent.
    arrivesMs = Math.max(arrivesMs, changedAtMs + change.eventMs)
    clock.at(changedAtMs, () => rev++)
    if (change.isLost) continue
    for (let times = change.isTwice ? 2 : 1; times > 0; times--)
      clock.at(arrivesMs, () => {
        for (const event of eventsAt(index + 2, lastRev)) for (const listener of listeners) listener(event)
      })
  }
  const source = {
    reads: 0,
    async get(): Promise<TaskState> {
      source.reads++
      await clock.sleep(answerMs / 2)
      const task: TaskState =
        rev === lastRev
          ? { ...runningTask, rev, status: 'completed', finishedAtMs: changedAtMs }
          : { ...runningTask, rev }
      await clock.sleep(answerMs / 2)
      return task
    },
    onEvents(listener: (event: TaskEvent) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return source
}

async function watchToEnd(
  story: Story,
): Promise<{ items: WatchItem[]; told: string[]; endMs: number; reads: number }> {
  const clock = new SimulatedClock()
  const source = simulate(story, clock)
  const items: WatchItem[] = []
  const watching = async () => {
    for await (const item of watchTask(source, { pollIntervalMs: POLL_INTERVAL_MS, clock }, never))
      items.push(item)
  }
  await clock.run(watching())
  return { items, told: items.map(nameOf), endMs: clock.nowMs(), reads: source.reads }
}

function nameOf(item: WatchItem): string {
  if (item.kind === 'idle') return 'idle'
  if (item.kind === 'chunks') return `chunks ${item.chunks.from}`
  return item.kind === 'snapshot' ? `snapshot ${item.task.rev}` : `${item.event.kind} ${item.event.rev}`
}

const changesArbitrary = (more: object = {}) =>
  fc.array(
    fc.record<Change>({
      afterMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 40_000 })),
      eventMs: fc.integer({ min: 0, max: 400 }),
      ...more,
    }),
    { minLength: 1, maxLength: 12 },
  )
const answerArbitrary = fc.integer({ min: 0, max: 400 }).map((ms) => 2 * ms)

t.test('every event that comes is told once, however late it is behind the state', async () => {
  const story = fc.record({
    changes: changesArbitrary({ isTwice: fc.boolean() }),
    answerMs: answerArbitrary,
  })
  await fc.assert(
    fc.asyncProperty(story, async (story) => {
      const { items } = await watchToEnd(story)
      const first = items[0]!
      if (first.kind !== 'snapshot') throw new Error(`it begins with ${nameOf(first)}`)
      const lastRev = story.changes.length + 1
      const events = items.filter(({ kind }) => kind === 'event').map(nameOf)
      const wanted: string[] = []
      for (let rev = first.task.rev + 1; rev <= lastRev; rev++)
        wanted.push(...eventsAt(rev, lastRev).map((event) => nameOf({ kind: 'event', event })))
      const snapshots = items.filter(({ kind }) => kind === 'snapshot').map(nameOf)
      const end = first.task.rev === lastRev ? [] : [`snapshot ${lastRev}`]
      return (
        String(events) === String(wanted) &&
        String(snapshots) === String([`snapshot ${first.task.rev}`, ...end])
      )
    }),
    { numRuns: 300 },
  )
})

t.test('where events get lost, snapshots make up for them, and nothing is told twice', async () => {
  const story = fc.record({
    changes: changesArbitrary({ isTwice: fc.boolean(), isLost: fc.boolean() }),
    answerMs: answerArbitrary,
  })
  await fc.assert(
    fc.asyncProperty(story, async (story) => {
      const { items, told, endMs } = await watchToEnd(story)
      let rev = 0
      for (const item of items) {
        if (item.kind === 'snapshot') rev = item.task.rev
        if (item.kind !== 'event') continue
        if (item.event.rev! > rev + 1) throw new Error(`a gap: ${told}`)
        rev = item.event.rev!
      }
      const sorted = told.filter((name) => name !== 'idle')
      const lastMs = story.changes.reduce((sum, { afterMs }) => sum + afterMs, 0)
      return (
        new Set(sorted).size === sorted.length &&
        told.at(-1) === `snapshot ${story.changes.length + 1}` &&
        endMs <= lastMs + POLL_INTERVAL_MS + 4000
      )
    }),
    { numRuns: 300 },
  )
})

t.test('a change while the task is read comes as its event', async (t) => {
  // The task is read at 15,000 ms; it changes a moment before, and the event comes after the answer.
  const changes = [
    { afterMs: 14_990, eventMs: 300 },
    { afterMs: 5_000, eventMs: 1 },
  ]
  const { told } = await watchToEnd({ changes, answerMs: 2 })
  t.strictSame(told, ['snapshot 1', 'step-completed 2', 'step-completed 3', 'completed 3', 'snapshot 3'])
})

t.test('a quiet task is read now and then, and an end that nobody heard of is found', async (t) => {
  const { told, reads, endMs } = await watchToEnd({
    changes: [{ afterMs: 40_000, eventMs: 0, isLost: true }],
    answerMs: 2,
  })
  t.strictSame(told, ['snapshot 1', 'idle', 'idle', 'snapshot 2'])
  t.equal(reads, 4)
  t.ok(endMs < 40_000 + POLL_INTERVAL_MS, `${endMs} ms`)
})

t.test('who comes back is told what he missed, or the task as it is', async (t) => {
  const clock = new SimulatedClock()
  const changes = [
    { afterMs: 0, eventMs: 0 },
    { afterMs: 0, eventMs: 0 },
  ]
  for (const isKept of [true, false]) {
    const source = simulate({ changes, answerMs: 0 }, clock)
    const asked: string[] = []
    const since = (afterRev: number, rev: number) => {
      asked.push(`${afterRev} to ${rev}`)
      return isKept ? [...eventsAt(2, 3), ...eventsAt(3, 3)] : undefined
    }
    const items: WatchItem[] = []
    const watching = async () => {
      await clock.sleep(1)
      const options = { afterRev: 1, pollIntervalMs: POLL_INTERVAL_MS, clock }
      for await (const item of watchTask({ ...source, since }, options, never)) items.push(item)
    }
    await clock.run(watching())
    t.strictSame(asked, ['1 to 3'])
    t.strictSame(
      items.map(nameOf),
      isKept ? ['step-completed 2', 'step-completed 3', 'completed 3', 'snapshot 3'] : ['snapshot 3'],
    )
  }
})

t.test(
  'an orchestrator that is away for a while does not end a watch, one that stays away does',
  async (t) => {
    for (const { awayMs, isEnd } of [
      { awayMs: 20_000, isEnd: true },
      { awayMs: 100_000, isEnd: false },
    ]) {
      const clock = new SimulatedClock()
      const source = simulate(
        { changes: [{ afterMs: 16_000, eventMs: 0, isLost: true }], answerMs: 0 },
        clock,
      )
      const get = async () => {
        const nowMs = clock.nowMs()
        if (nowMs >= 10_000 && nowMs < 10_000 + awayMs) throw new MurmurError('UNAVAILABLE', 'nobody there')
        return source.get()
      }
      const told: string[] = []
      const watching = async () => {
        for await (const item of watchTask(
          { ...source, get },
          { pollIntervalMs: POLL_INTERVAL_MS, clock },
          never,
        ))
          told.push(nameOf(item))
      }
      if (isEnd) {
        await clock.run(watching())
        t.strictSame(told, ['snapshot 1', 'snapshot 2'])
      } else await t.rejects(clock.run(watching()), { code: 'UNAVAILABLE' })
    }
  },
)

t.test('a watcher who takes too little gets a snapshot in place of what was dropped', async (t) => {
  const clock = new SimulatedClock()
  const changes = Array.from({ length: 2500 }, () => ({ afterMs: 1, eventMs: 0 }))
  const source = simulate({ changes, answerMs: 0 }, clock)
  const told: string[] = []
  const watching = async () => {
    for await (const item of watchTask(source, { pollIntervalMs: POLL_INTERVAL_MS, clock }, never)) {
      told.push(nameOf(item))
      if (told.length === 1) await clock.sleep(2200)
    }
  }
  await clock.run(watching())
  t.equal(told[1], 'snapshot 2201', 'the task as it is now')
  t.equal(told.length, 2 + 300 + 1 + 1, 'and then its events again')
})

t.test('who stops watching is told nothing more, and is forgotten', async (t) => {
  const clock = new SimulatedClock()
  const source = simulate({ changes: [{ afterMs: 60_000, eventMs: 0 }], answerMs: 0 }, clock)
  let isListening = false
  const onEvents = (listener: (event: TaskEvent) => void) => {
    isListening = true
    const end = source.onEvents(listener)
    return () => {
      isListening = false
      end()
    }
  }
  const stop = new AbortController()
  clock.at(20_000, () => stop.abort())
  const told: string[] = []
  const watching = async () => {
    const options = { pollIntervalMs: POLL_INTERVAL_MS, clock }
    for await (const item of watchTask({ ...source, onEvents }, options, stop.signal)) told.push(nameOf(item))
  }
  await clock.run(watching())
  t.strictSame(told, ['snapshot 1', 'idle'])
  t.notOk(isListening)
  t.equal(clock.nowMs(), 20_000)
})

t.test('a task that was accepted is waited for until somebody can say how it is', async (t) => {
  const clock = new SimulatedClock()
  let reads = 0
  const ended: TaskState = { ...runningTask, status: 'completed', finishedAtMs: 1 }
  const source: TaskSource = {
    get: async () => {
      if (++reads < 4) throw new MurmurError('UNAVAILABLE', 'not all that happened to tasks is known yet')
      return ended
    },
    onEvents: () => () => undefined,
  }
  const watch = async (firstPatienceMs?: number) => {
    const options = { pollIntervalMs: POLL_INTERVAL_MS, clock, ...(firstPatienceMs && { firstPatienceMs }) }
    const items: WatchItem[] = []
    for await (const item of watchTask(source, options, never)) items.push(item)
    return items
  }
  await t.rejects(clock.run(watch()), { code: 'UNAVAILABLE' }, 'who only looks is told at once')
  t.equal(reads, 1)
  t.strictSame(await clock.run(watch(5000)), [{ kind: 'snapshot', task: ended }])
  reads = -100
  await t.rejects(clock.run(watch(5000)), { code: 'UNAVAILABLE' }, 'but not for ever')
})
