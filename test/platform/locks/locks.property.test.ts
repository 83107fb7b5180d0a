import fc from 'fast-check'
import t from 'tap'
import type { Clock } from '#platform/clock/clock.ts'
import { createManualClock, type ManualClock } from '#platform/clock/manual-clock.ts'
import type { HeldLock } from '#platform/locks/held-lock.ts'
import { Locks } from '#platform/locks/locks.ts'
import { MemoryLockStore } from '#platform/locks/memory-lock-store.ts'

const LEASE_MS = 3000
const CONTENDERS = 3

/** A process with a clock of its own, which is set wrong and runs up to a hundredth too fast or too slow, and which can be stopped. */
class Contender {
  readonly locks: Locks
  held: HeldLock | undefined
  isStopped = false
  #wake: (() => void)[] = []

  constructor(store: MemoryLockStore, base: ManualClock, { skewMs, rate }: { skewMs: number; rate: number }) {
    const clock: Clock = {
      nowMs: () => base.nowMs() + skewMs,
      monotonicMs: () => base.monotonicMs() * rate,
      sleep: async (ms, signal) => {
        await base.sleep(ms / rate, signal)
        if (this.isStopped && !signal?.aborted) await new Promise<void>((resolve) => this.#wake.push(resolve))
      },
    }
    this.locks = new Locks({ store, clock, scope: 's' })
  }

  goOn(): void {
    this.isStopped = false
    for (const wake of this.#wake.splice(0)) wake()
  }
}

const who = fc.nat(CONTENDERS - 1)
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('acquire' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stop' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('go-on' as const), who }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.oneof(
        fc.integer({ min: 1, max: 2 * LEASE_MS }),
        fc.constantFrom(LEASE_MS / 3, LEASE_MS, LEASE_MS + 1),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
)
const clocks = fc.array(
  fc.record({
    skewMs: fc.integer({ min: -1e9, max: 1e9 }),
    rate: fc.double({ min: 0.99, max: 1.01, noNaN: true }),
  }),
  { minLength: CONTENDERS, maxLength: CONTENDERS },
)

t.test(
  'whatever stops, is late or is emptied: tokens grow, one owner at a time, and no late write gets through',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(clocks, fc.array(action, { maxLength: 40 }), async (clocks, actions) => {
        const base = createManualClock()
        const store = new MemoryLockStore(base)
        const contenders = clocks.map((clock) => new Contender(store, base, clock))
        const tokens: number[] = []
        const fence = { token: 0 }
        let flushedAtMs = Number.NEGATIVE_INFINITY
        for (const step of actions) {
          if (step.kind === 'pass') await base.advance(step.ms)
          else if (step.kind === 'flush') {
            store.flush()
            flushedAtMs = base.monotonicMs()
          } else await act(contenders[step.who]!, step.kind, { tokens, fence })
          // After a loss there may be two, until whoever was forgotten has asked once more.
          if (base.monotonicMs() - flushedAtMs <= LEASE_MS) continue
          const owners = contenders.filter(({ held }) => held?.isHeld())
          if (owners.length > 1) throw new Error('two owners at the same time')
        }
        for (const contender of contenders) {
          contender.goOn()
          await contender.held?.release()
        }
        const sorted = [...tokens].sort((a, b) => a - b)
        if (new Set(tokens).size !== tokens.length || sorted.join() !== tokens.join())
          throw new Error(`tokens do not grow: ${tokens.join()}`)
      }),
      { numRuns: 400 },
    )
    t.pass()
  },
)

async function act(
  contender: Contender,
  kind: 'acquire' | 'release' | 'stop' | 'go-on' | 'write',
  { tokens, fence }: { tokens: number[]; fence: { token: number } },
): Promise<void> {
  if (kind === 'go-on') return contender.goOn()
  if (kind === 'stop') contender.isStopped = true
  // A write that was on its way when its process stopped arrives all the same.
  else if (kind === 'write' && contender.held) {
    const { token } = contender.held
    if (token < fence.token) return
    if (token < Math.max(0, ...tokens.filter((known) => known <= fence.token)))
      throw new Error('a late write got through')
    fence.token = token
  } else if (contender.isStopped) return
  else if (kind === 'acquire' && !contender.held?.isHeld()) {
    const held = await contender.locks.tryAcquire('lock', { leaseMs: LEASE_MS })
    if (!held) return
    contender.held = held
    tokens.push(held.token)
  } else if (kind === 'release') {
    await contender.held?.release()
    contender.held = undefined
  }
}
