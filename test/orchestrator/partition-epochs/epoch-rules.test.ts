import fc from 'fast-check'
import t from 'tap'
import { LIMITS } from '../../../schemas/limits.ts'
import type { PartitionEpochs } from '../../../schemas/partition-epochs.ts'
import {
  currentEpoch,
  epochsWithTasks,
  grown,
  isLater,
  madeWith,
  nextEpoch,
  numbersOf,
  rangeIn,
  SPARE_MS,
  without,
} from '../../../services/orchestrator/partition-epochs/epoch-rules.ts'
import { inRange, partitionOf, withoutRange } from '../../../subjects/task-partition.ts'

const LEASE_MS = 30_000
const at = (nowMs: number, leaseMs = LEASE_MS) => ({ nowMs, leaseMs })

t.test('more partitions are known for a while before they are used', async (t) => {
  const made = madeWith(4)
  const next = grown(made, 8, at(1000))
  t.strictSame(next.epochs, [
    { first: 0, count: 4, fromMs: 0 },
    { first: 4, count: 8, fromMs: 1000 + LEASE_MS + SPARE_MS },
  ])
  const fromMs = next.epochs[1]!.fromMs
  t.equal(currentEpoch(next, fromMs - 1).first, 0)
  t.equal(currentEpoch(next, fromMs).first, 4)
  t.equal(nextEpoch(next, fromMs - 1)?.first, 4)
  t.equal(nextEpoch(next, fromMs), undefined)
  t.strictSame(epochsWithTasks(next, fromMs - 5001).length, 1, 'nothing is there yet')
  t.strictSame(epochsWithTasks(next, fromMs - 5000).length, 2)
  t.strictSame(numbersOf(next.epochs), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  t.equal(rangeIn(next.epochs[0]!), undefined)
  t.strictSame(rangeIn(next.epochs[1]!), { first: 4, count: 8 })
})

t.test('what is refused: fewer, while a change is on its way, and more than is bounded', async (t) => {
  const next = grown(madeWith(4), 8, at(0))
  t.equal(grown(next, 8, at(1)), next, 'asked again it is the same')
  t.throws(() => grown(madeWith(4), 3, at(0)), { code: 'INVALID_REQUEST', issues: [{ path: 'to' }] })
  t.throws(() => grown(next, 4, at(1_000_000)), { code: 'INVALID_REQUEST' })
  t.throws(() => grown(next, 16, at(1)), { code: 'PARTITIONS_CONFLICT', retryAfterMs: 39_999 })
  let record = madeWith(1)
  for (let i = 1; i < LIMITS.partitionEpochs; i++) record = grown(record, 1 + i, at(i * 100_000))
  t.throws(() => grown(record, 100, at(10_000_000)), { code: 'LIMIT_EXCEEDED' })
  const end: PartitionEpochs = { ...madeWith(16), epochs: [{ first: 9900, count: 16, fromMs: 0 }] }
  t.throws(() => grown(end, 200, at(1)), { code: 'LIMIT_EXCEEDED', message: /numbers up to 9999/ })
})

t.test('what is taken out: an epoch before the current one, and no other', async (t) => {
  const next = grown(madeWith(4), 8, at(0))
  t.equal(without(next, { first: 0, count: 4 }, 1), next, 'it still is the current one')
  const later = without(next, { first: 0, count: 4 }, 100_000)
  t.strictSame(
    later.epochs.map(({ first }) => first),
    [4],
  )
  t.equal(without(later, { first: 4, count: 8 }, 100_000), later)
  t.ok(isLater(next, madeWith(4)))
  t.ok(isLater(later, next))
  t.notOk(isLater(next, later))
  t.notOk(isLater(next, next))
})

t.test('however often they grow and go: no number is ever used twice', async () => {
  const step = fc.record({
    to: fc.integer({ min: 1, max: LIMITS.partitions }),
    waitMs: fc.integer({ min: 0, max: 100_000 }),
    goes: fc.nat(3),
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 256 }), fc.array(step, { maxLength: 30 }), (made, steps) => {
      let record = madeWith(made)
      const seen = new Map(numbersOf(record.epochs).map((n) => [n, 0]))
      let nowMs = 0
      for (const { to, waitMs, goes } of steps) {
        nowMs += waitMs
        const before = record
        try {
          record = grown(record, to, at(nowMs))
        } catch {
          // Refused: nothing changes.
        }
        if (record !== before && !isLater(record, before)) return false
        const { first, count } = record.epochs.at(-1)!
        for (const n of numbersOf([{ first, count }])) {
          if (seen.has(n) && seen.get(n) !== first) return false
          seen.set(n, first)
        }
        record = without(record, record.epochs[goes % record.epochs.length]!, nowMs)
        const numbers = numbersOf(record.epochs)
        if (numbers.some((n, i) => i > 0 && n <= numbers[i - 1]!)) return false
        if (record.made !== made || record.epochs.length > LIMITS.partitionEpochs) return false
        if (!record.epochs.includes(currentEpoch(record, nowMs))) return false
      }
      return true
    }),
  )
})

/**
 * Orchestrators that read the record now and then, with clocks of their own, and take submissions as `acceptTask` does: what the stream
 * remembers of message ids is left out, so that the lease alone has to do.
 */
class World {
  stored = madeWith(4)
  nowMs = 1_000_000
  readonly accepted = new Map<string, string[]>()
  readonly refused = { stale: 0 }
  readonly #known: { record: PartitionEpochs; readMs: number; skewMs: number }[]

  constructor(skews: readonly number[]) {
    this.#known = skews.map((skewMs) => ({ record: this.stored, readMs: this.nowMs, skewMs }))
  }

  read(which: number): void {
    const one = this.#known[which % this.#known.length]!
    one.record = this.stored
    one.readMs = this.nowMs
  }

  grow(which: number, to: number): void {
    const { skewMs } = this.#known[which % this.#known.length]!
    try {
      this.stored = grown(this.stored, to, at(this.nowMs + skewMs))
    } catch {
      // Refused: nothing changes.
    }
  }

  /** Tasks in the partitions of an epoch that the one who looks knows of. */
  #isThere(id: string): boolean {
    return (this.accepted.get(withoutRange(id)) ?? []).includes(id)
  }

  submit(which: number, plain: string): void {
    const { record, readMs, skewMs } = this.#known[which % this.#known.length]!
    if (this.nowMs - readMs > LEASE_MS) {
      this.refused.stale++
      return
    }
    const nowMs = this.nowMs + skewMs
    const ids = epochsWithTasks(record, nowMs).map((epoch) => inRange(plain, rangeIn(epoch)))
    if (ids.some((id) => this.#isThere(id))) return
    const id = inRange(plain, rangeIn(currentEpoch(record, nowMs)))
    this.accepted.set(plain, [...(this.accepted.get(plain) ?? []), id])
  }
}

t.test('a key is one task’s, whoever has heard of an epoch and whoever has not', async (t) => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), n: fc.integer({ min: 1, max: 20_000 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), n: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('grow' as const), n: fc.integer({ min: 1, max: 64 }) }),
    },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('submit' as const), n: fc.nat(99) }) },
  )
  const skews = fc.array(fc.integer({ min: -2000, max: 2000 }), { minLength: 2, maxLength: 4 })
  const run = (skewOf: readonly number[], steps: readonly { kind: string; n: number }[]) => {
    const world = new World(skewOf)
    for (const [i, { kind, n }] of steps.entries()) {
      if (kind === 'wait') world.nowMs += n
      else if (kind === 'read') world.read(n)
      else if (kind === 'grow') world.grow(i, n)
      else world.submit(n, `t${String(n % 5).padStart(22, '0')}`)
    }
    return world
  }
  let usedSeveral = 0
  fc.assert(
    fc.property(skews, fc.array(step, { minLength: 20, maxLength: 120 }), (skewOf, steps) => {
      const { accepted, stored } = run(skewOf, steps)
      const all = [...accepted.values()]
      if (new Set(all.map(([id]) => partitionOf(id!, 4) < 4)).size > 1) usedSeveral++
      const live = new Set(numbersOf(stored.epochs))
      return all.every((ids) => ids.length === 1) && all.flat().every((id) => live.has(partitionOf(id, 4)))
    }),
    { numRuns: 2000 },
  )
  t.ok(usedSeveral > 10, `tasks of several epochs in ${usedSeveral} of the runs`)
})
