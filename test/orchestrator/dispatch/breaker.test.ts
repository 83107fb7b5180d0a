import fc from 'fast-check'
import t from 'tap'
import {
  Breaker,
  type BreakerSettings,
  DEFAULT_BREAKER,
} from '../../../services/orchestrator/dispatch/breaker.ts'

const SETTINGS: BreakerSettings = {
  ...DEFAULT_BREAKER,
  minCalls: 10,
  maxCalls: 20,
  windowMs: 1000,
  openMs: 100,
  maxOpenMs: 400,
}
const good = { kind: 'good', durationMs: 1 } as const
const bad = { kind: 'bad', durationMs: 1 } as const

function call(breaker: Breaker, end: typeof good | typeof bad | { kind: 'void' }, nowMs: number): boolean {
  if (!breaker.admits(nowMs)) return false
  breaker.end(breaker.begin(), end, nowMs)
  return true
}

/** One that has just opened at 0. */
function openBreaker(seed = 'a', told: string[] = []): Breaker {
  const breaker = new Breaker(SETTINGS, seed, (state, because) => told.push(`${state}: ${because}`))
  for (let i = 0; i < 10; i++) call(breaker, bad, 0)
  return breaker
}

t.test('opens at the rate of failures, and not before there are enough calls', async (t) => {
  const told: string[] = []
  const breaker = new Breaker(SETTINGS, 'a', (state, because) => told.push(`${state}: ${because}`))
  for (let i = 0; i < 9; i++) call(breaker, bad, i)
  t.equal(breaker.state, 'closed')
  call(breaker, bad, 9)
  t.strictSame(told, ['open: 100 % of 10 failed'])
  t.notOk(breaker.admits(10))
  t.match(breaker.snapshot(10), { state: 'open', calls: 10, failureRate: 1, because: '100 % of 10 failed' })
})

t.test('half of the calls well: just closed; what is older than the window counts no more', async (t) => {
  const breaker = new Breaker(SETTINGS, 'a')
  for (let i = 0; i < 100; i++) call(breaker, i % 20 < 11 ? good : bad, i)
  t.equal(breaker.state, 'closed', '45 % failed')
  for (let i = 0; i < 9; i++) call(breaker, bad, 5000)
  t.equal(breaker.state, 'closed', 'nine calls in this window')
})

t.test('slow calls open it where somebody has said what slow is', async (t) => {
  const breaker = new Breaker({ ...SETTINGS, slowMs: 50 }, 'a')
  for (let i = 0; i < 10; i++) breaker.end(breaker.begin(), { kind: 'good', durationMs: 51 }, i)
  t.match(breaker.snapshot(10), { state: 'open', because: '100 % of 10 took longer than 50 ms' })
  const without = new Breaker(SETTINGS, 'a')
  for (let i = 0; i < 10; i++) without.end(without.begin(), { kind: 'good', durationMs: 1e6 }, i)
  t.equal(without.state, 'closed')
})

t.test('canaries come back in stages of 1, 2, 4 and 8, never all at once', async (t) => {
  const told: string[] = []
  const breaker = openBreaker('a', told)
  let nowMs = breaker.opensAtMs!
  t.notOk(breaker.admits(nowMs - 1))
  for (const size of [1, 2, 4, 8]) {
    const out = []
    while (breaker.admits(nowMs) && out.length < 100) out.push(breaker.begin())
    t.equal(out.length, size, `a stage of ${size}`)
    for (const one of out) breaker.end(one, good, ++nowMs)
  }
  t.equal(breaker.state, 'closed')
  t.match(told, [/^open/, /^half-open/, 'closed: its canaries came back well'])
})

t.test('a canary that fails opens it for twice as long, up to a bound', async (t) => {
  const breaker = openBreaker()
  let beforeMs = 0
  const lengths: number[] = []
  for (let i = 0; i < 5; i++) {
    const nowMs = breaker.opensAtMs!
    lengths.push(nowMs - beforeMs)
    beforeMs = nowMs
    t.ok(call(breaker, bad, nowMs))
    t.equal(breaker.state, 'open')
  }
  for (const [i, raw] of [100, 200, 400, 400, 400].entries())
    t.ok(lengths[i]! >= 0.8 * raw && lengths[i]! <= 1.2 * raw, `${lengths[i]} is about ${raw}`)
})

t.test('what began before it opened is no canary, and a canary that never ran is replaced', async (t) => {
  const breaker = new Breaker(SETTINGS, 'a')
  const early = breaker.begin()
  for (let i = 0; i < 10; i++) call(breaker, bad, 0)
  const nowMs = breaker.opensAtMs!
  t.ok(breaker.admits(nowMs))
  const canary = breaker.begin()
  breaker.end(early, good, nowMs)
  t.notOk(breaker.admits(nowMs), 'the one canary is still out')
  breaker.end(canary, { kind: 'void' }, nowMs)
  t.ok(breaker.admits(nowMs))
})

t.test('the jitter is that of the seed; a reset closes', async (t) => {
  t.equal(openBreaker('a').opensAtMs, openBreaker('a').opensAtMs)
  t.not(openBreaker('a').opensAtMs, openBreaker('b').opensAtMs)
  const breaker = openBreaker()
  breaker.reset()
  t.ok(breaker.admits(1))
  t.match(breaker.snapshot(1), { state: 'closed', calls: 0 })
})

t.test('property: an agent that works again is let through in the end, whatever came before', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(good, bad), fc.integer({ min: 0, max: 500 })), { maxLength: 200 }),
      (history) => {
        const breaker = new Breaker(SETTINGS, 'p')
        let nowMs = 0
        for (const [end, afterMs] of history) {
          nowMs += afterMs
          call(breaker, end, nowMs)
        }
        for (let i = 0; i < 200; i++) {
          nowMs += 50
          call(breaker, good, nowMs)
        }
        if (breaker.state !== 'closed') throw new Error(`it is ${breaker.state}`)
      },
    ),
  )
  t.pass()
})
