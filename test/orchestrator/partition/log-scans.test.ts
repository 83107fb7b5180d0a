import t from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import type { LogKind } from '#schemas/log-event.ts'
import type { RawEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { refoldTasks, touchedTasks } from '../../../services/orchestrator/partition/log-scans.ts'
import { acceptedTask } from '../../support/random-plan.ts'

type Follow = Parameters<Bus['consumers']['followLog']>[0]

/** A log of partition 3 with these messages, read in one go. */
function logOf(messages: RawEvent[], about: { lastSeq?: number; breakAt?: number } = {}) {
  const follows: Follow[] = []
  let stopped = 0
  const bus = {
    streams: { lastLogSeq: async () => about.lastSeq ?? messages.at(-1)?.seq ?? 0 },
    consumers: {
      followLog(options: Follow) {
        follows.push(options)
        setImmediate(() => {
          for (const message of messages) {
            if (message.seq === about.breakAt) return options.onBreak?.('log-behind')
            if (message.seq >= options.fromSeq)
              options.onMessage({ ...message, header: () => undefined } as never)
          }
        })
        return { stop: async () => void stopped++ }
      },
    },
  } as unknown as Bus
  return { bus, follows, stopped: () => stopped }
}

const raw = (seq: number, kind: LogKind, body: object | string): RawEvent => ({
  subject: `log.3.${kind}`,
  data: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  seq,
  storedAtMs: 1000 + seq,
})
const plan = { steps: [{ id: 'a', agent: 'x' }] }
const accepted = (seq: number, taskId: string) => raw(seq, 'accepted', acceptedTask({ taskId, plan }))
const cancelled = (seq: number, taskId: string) => raw(seq, 'control', { v: 1, taskId, action: 'cancel' })
const signal = new AbortController().signal

t.test('the tasks of the events between two positions, each once, both ends as they are meant', async (t) => {
  const { bus, follows, stopped } = logOf([
    accepted(4, 'before'),
    accepted(5, 'b'),
    raw(6, 'control', 'noise'),
    cancelled(8, 'b'),
    accepted(9, 'c'),
    accepted(12, 'after'),
  ])
  t.strictSame(await touchedTasks({ bus, partition: 3, signal }, { afterSeq: 4, toSeq: 9 }), ['b', 'c'])
  t.match(follows, [{ stream: 'LOG', filterSubject: 'log.3.>', fromSeq: 5 }])
  t.equal(stopped(), 1)
})

t.test('a gap at the end is no reason to wait', async (t) => {
  const { bus } = logOf([accepted(5, 'b'), accepted(12, 'after')])
  t.strictSame(await touchedTasks({ bus, partition: 3, signal }, { afterSeq: 0, toSeq: 9 }), ['b'])
})

t.test(
  'of very many events the last ones count, and what retention has taken is not waited for',
  async (t) => {
    const { bus, follows } = logOf([accepted(50_000, 'last')])
    t.strictSame(await touchedTasks({ bus, partition: 3, signal }, { afterSeq: 1, toSeq: 50_000 }), ['last'])
    t.equal(follows[0]!.fromSeq, 30_000)
    const gone = logOf([], { lastSeq: 8 })
    t.strictSame(await touchedTasks({ bus: gone.bus, partition: 3, signal }, { afterSeq: 1, toSeq: 9 }), [])
    t.strictSame(gone.follows, [])
  },
)

t.test('tasks are made again from their events, up to a position', async (t) => {
  const { bus, follows } = logOf([
    accepted(1, 'a'),
    accepted(2, 'other'),
    accepted(3, 'b'),
    cancelled(4, 'b'),
    cancelled(9, 'a'),
  ])
  const deps = { bus, partition: 3, signal, options: { keepFinishedMs: 60_000 } }
  const found = await refoldTasks(deps, ['a', 'b', 'gone'], { beforeSeq: 9 })
  t.strictSame([...found.keys()], ['a', 'b'])
  t.match(found.get('a'), { id: 'a', status: 'running', seq: 1, createdAtMs: 1001 })
  t.match(found.get('b'), { id: 'b', status: 'cancelled', seq: 4, finishedAtMs: 1004 })
  t.equal(follows[0]!.fromSeq, 1)
})

t.test('it is cut short by its signal, before and while it reads', async (t) => {
  const deps = { partition: 3, options: { keepFinishedMs: 60_000 } }
  const stopping = new AbortController()
  const silent = logOf([])
  const reading = refoldTasks({ ...deps, bus: silent.bus, signal: stopping.signal }, ['a'], { beforeSeq: 9 })
  stopping.abort(new Error('the owner ends'))
  await t.rejects(reading, /the owner ends/)
  t.equal(silent.stopped(), 1)
  const aborted = { ...deps, bus: silent.bus, signal: stopping.signal }
  await t.rejects(refoldTasks(aborted, ['a'], { beforeSeq: 9 }), /the owner ends/)
})

t.test('another log is not mixed with the one that was read', async (t) => {
  const { bus, stopped } = logOf([accepted(1, 'a'), accepted(2, 'b')], { breakAt: 2 })
  const deps = { bus, partition: 3, signal, options: { keepFinishedMs: 60_000 } }
  await t.rejects(refoldTasks(deps, ['a'], { beforeSeq: 9 }), /another one: log-behind/)
  t.equal(stopped(), 1)
})
