import t from 'tap'
import { BrokerClock } from '#platform/clock/broker-clock.ts'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { PublishOptions } from '#platform/nats/publisher.ts'
import type { TimerFired } from '#schemas/log-event.ts'
import type { PartitionStore } from '../../../services/orchestrator/partition/partition-store.ts'
import { PartitionTimers } from '../../../services/orchestrator/partition/partition-timers.ts'
import { until } from '../../support/until.ts'

const HOUR_MS = 3_600_000

/** Timers of a store that the test fills, on a machine whose clock is wrong, with what they publish. */
function timersOf(t: { teardown(fn: () => void): void }, wrongByMs: number) {
  // Real time, so that alarms go off; only what the machine shows is wrong.
  const machine = createManualClock()
  const fromMs = performance.now()
  const elapsedMs = () => performance.now() - fromMs
  const base = machine.nowMs()
  const brokerNowMs = () => base + elapsedMs()
  const clock = new BrokerClock({
    ...machine,
    monotonicMs: elapsedMs,
    nowMs: () => brokerNowMs() + wrongByMs,
  })
  clock.observe({ brokerMs: brokerNowMs(), askedMs: elapsedMs(), answeredMs: elapsedMs() })
  const due = new Map<string, number>()
  const fired: { taskId: string; dueMs: number; atMs: number; msgId: string }[] = []
  const publish = async (_subject: string, body: string, { msgId }: PublishOptions) => {
    const { taskId, dueMs } = JSON.parse(body) as TimerFired
    fired.push({ taskId, dueMs, atMs: brokerNowMs(), msgId })
    return { seq: 1, duplicate: false }
  }
  const store = {
    dueTimers: async (_p: number, untilMs: number) =>
      [...due].filter(([, dueMs]) => dueMs <= untilMs).map(([taskId, dueMs]) => ({ taskId, dueMs })),
    nextTimerMs: async () => (due.size === 0 ? undefined : Math.min(...due.values())),
  } as unknown as PartitionStore
  const timers = new PartitionTimers({
    partition: 0,
    store,
    bus: { publisher: { publish } } as never,
    clock,
    onTrouble: (error) => t.teardown(() => Promise.reject(error)),
  })
  t.teardown(() => timers.stop())
  return { timers, due, fired, brokerNowMs, clock, elapsedMs }
}

for (const [how, wrongByMs] of [
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
] as const)
  t.test(`a machine ${how}: a timer goes off when its time has come at the broker`, async (t) => {
    const { timers, due, fired, brokerNowMs } = timersOf(t, wrongByMs)
    const dueMs = brokerNowMs() + 300
    due.set('task', dueMs)
    timers.start()
    await until('it goes off', () => fired.length > 0, 5000)
    const [first] = fired
    t.ok(first!.atMs >= dueMs - 2, `${first!.atMs - dueMs} ms after its time`)
    t.ok(first!.atMs < dueMs + 4000)
  })

t.test('a broker whose clock is set while an alarm waits: it goes off by the new time', async (t) => {
  const { timers, due, fired, clock, brokerNowMs, elapsedMs } = timersOf(t, 0)
  due.set('task', brokerNowMs() + HOUR_MS)
  timers.start()
  const askedMs = elapsedMs()
  clock.observe({ brokerMs: brokerNowMs() + HOUR_MS, askedMs, answeredMs: elapsedMs() })
  await until('it goes off', () => fired.length > 0, 5000)
})

t.test('one that was told too early to count is told again under another id', async (t) => {
  const { timers, due, fired, brokerNowMs, clock, elapsedMs } = timersOf(t, 0)
  due.set('task', brokerNowMs() - 1)
  timers.start()
  await until('it has been told', () => fired.length > 1, 5000)
  const firstId = fired[0]!.msgId
  // Five seconds later, without waiting for them.
  clock.observe({ brokerMs: brokerNowMs() + 5000, askedMs: elapsedMs(), answeredMs: elapsedMs() })
  await until('it is told under another id', () => fired.some(({ msgId }) => msgId !== firstId), 5000)
  t.ok(new Set(fired.map(({ msgId }) => msgId)).size <= 3, 'the broker drops what is the same within seconds')
})
