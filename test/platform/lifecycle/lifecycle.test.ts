import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { type Component, Lifecycle } from '#platform/lifecycle/lifecycle.ts'
import { silentLog } from '#platform/telemetry/logger.ts'

const GRACE_MS = 1000
/** What a component gets that comes to its turn too late. */
const LAST_WORDS_MS = 200

function setUp() {
  const clock = createManualClock()
  const events: string[] = []
  const lifecycle = new Lifecycle({ log: silentLog, clock, graceMs: GRACE_MS })
  /** A component that records its calls; `overrides` replace some of them. */
  const add = (name: string, overrides: Partial<Component> = {}) =>
    lifecycle.add({
      name,
      start: () => void events.push(`start ${name}`),
      quiesce: () => void events.push(`quiesce ${name}`),
      stop: () => void events.push(`stop ${name}`),
      ...overrides,
    })
  return { clock, events, lifecycle, add }
}

t.test('starts in order, quiesces all and then stops all in reverse, once', async (t) => {
  const { events, lifecycle, add } = setUp()
  add('a')
  add('b')
  await lifecycle.start()
  t.ok(lifecycle.isRunning)
  const stopping = lifecycle.stop()
  t.notOk(lifecycle.isRunning)
  t.equal(lifecycle.stop(), stopping, 'a second stop is the first')
  t.strictSame(await stopping, [])
  t.strictSame(events, ['start a', 'start b', 'quiesce b', 'quiesce a', 'stop b', 'stop a'])
  t.throws(() => lifecycle.start(), 'it starts once')
  t.throws(() => lifecycle.add({ name: 'late' }), 'nothing is added later')
})

t.test('a failed start stops what was up, and throws', async (t) => {
  const { events, lifecycle, add } = setUp()
  add('a')
  add('bad', { start: () => Promise.reject(new Error('no port')) })
  add('never')
  await t.rejects(lifecycle.start(), { message: 'no port' })
  t.strictSame(events, ['start a', 'quiesce bad', 'quiesce a', 'stop bad', 'stop a'])
  t.strictSame(await lifecycle.stop(), [])
  t.equal(events.length, 5, 'nothing is stopped twice')
})

t.test('quiesce comes first and once, stop does the rest', async (t) => {
  const { events, lifecycle, add } = setUp()
  add('a')
  await lifecycle.start()
  await lifecycle.quiesce()
  t.strictSame(events, ['start a', 'quiesce a'])
  await lifecycle.stop()
  t.strictSame(events, ['start a', 'quiesce a', 'stop a'])
})

t.test('what does not stop in time is left behind, the others still stop', async (t) => {
  const { clock, events, lifecycle, add } = setUp()
  add('a')
  const hanging = add('hanging', { stop: () => new Promise<void>(() => undefined) })
  await lifecycle.start()
  const stopping = lifecycle.stop()
  await clock.advance(GRACE_MS)
  t.strictSame(await stopping, [{ component: hanging.name, phase: 'stop', reason: 'too slow' }])
  t.ok(events.includes('stop a'))
})

t.test('what fails to stop is named, the others still stop', async (t) => {
  const { events, lifecycle, add } = setUp()
  const error = new Error('broken')
  add('a')
  add('bad', {
    quiesce: () => {
      throw error
    },
  })
  await lifecycle.start()
  t.strictSame(await lifecycle.stop(), [{ component: 'bad', phase: 'quiesce', reason: 'failed', error }])
  t.strictSame(events.slice(-2), ['stop bad', 'stop a'])
})

t.test('components learn of the deadline', async (t) => {
  const { clock, lifecycle, add } = setUp()
  add('patient', {
    stop: async (deadline) => {
      t.equal(deadline.remainingMs(), GRACE_MS)
      await clock.sleep(10 * GRACE_MS, deadline.signal)
      t.equal(deadline.remainingMs(), 0)
    },
  })
  await lifecycle.start()
  const stopping = lifecycle.stop()
  await clock.advance(GRACE_MS)
  await stopping
})

t.test('stopped while it starts: the start ends first, no more components start', async (t) => {
  const { events, lifecycle, add } = setUp()
  const opened = Promise.withResolvers<void>()
  add('slow', { start: () => opened.promise })
  add('never')
  const starting = lifecycle.start()
  const stopping = lifecycle.stop()
  opened.resolve()
  await t.rejects(starting, { message: 'stopped while it was starting' })
  t.strictSame(await stopping, [])
  t.strictSame(events, ['quiesce slow', 'stop slow'])
})

t.test('stopped while a start hangs: the grace period holds for that too', async (t) => {
  const { clock, events, lifecycle, add } = setUp()
  add('hanging', { start: () => new Promise<void>(() => undefined) })
  void lifecycle.start()
  const stopping = lifecycle.stop()
  await clock.advance(GRACE_MS)
  t.strictSame(await stopping, [])
  t.strictSame(events, ['quiesce hanging', 'stop hanging'])
})

t.test('the time that one component uses up does not silence the next', async (t) => {
  const { clock, lifecycle, add } = setUp()
  add('also-hanging', { stop: () => new Promise<void>(() => undefined) })
  add('goodbye', { stop: () => clock.sleep(LAST_WORDS_MS / 2) })
  add('hanging', { stop: () => new Promise<void>(() => undefined) })
  await lifecycle.start()
  const stopping = lifecycle.stop()
  await clock.advance(GRACE_MS + 2 * LAST_WORDS_MS)
  t.strictSame(
    (await stopping).map((fault) => fault.component),
    ['hanging', 'also-hanging'],
  )
})
