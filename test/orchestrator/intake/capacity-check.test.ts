import fc from 'fast-check'
import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { TaskDemand } from '../../../services/orchestrator/intake/admission-check.ts'
import { AdmissionControl } from '../../../services/orchestrator/intake/admission-control.ts'
import {
  type BoundedStream,
  CapacityCheck,
  type CapacitySample,
  type Fill,
  fillOf,
} from '../../../services/orchestrator/intake/capacity-check.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const MIB = 1024 * 1024
const fill = (share: number, about: Partial<Fill> = {}): Fill => ({
  bytes: share * 1000 * MIB,
  maxBytes: 1000 * MIB,
  messages: 10,
  maxMessages: -1,
  ...about,
})
const sampleOf = (
  shares: Partial<Record<BoundedStream, number>> = {},
  about: { atMs?: number; waiting?: Record<string, number>; logSeq?: number; orchestrators?: number } = {},
): CapacitySample => ({
  atMs: about.atMs ?? 0,
  logSeq: about.logSeq ?? 0,
  orchestrators: about.orchestrators ?? 1,
  fills: { log: fill(shares.log ?? 0), steps: fill(shares.steps ?? 0), objects: fill(shares.objects ?? 0) },
  waiting: new Map(Object.entries(about.waiting ?? {})),
})
const planOf = (steps: number): Plan => ({
  steps: Array.from({ length: steps }, (_, i) => ({ id: `s${i}`, agent: 'x' })),
})
const demandOf = (plan: Plan = planOf(1), bytes = 1000): TaskDemand => ({
  accepted: acceptedTask({ taskId: 't', plan }),
  bytes,
})
const control = (maxWaitingSteps = 0) => new CapacityCheck({ maxWaitingSteps })

t.test('each stream has a part that new tasks may not use', async (t) => {
  for (const [stream, bound] of [
    ['log', 0.85],
    ['steps', 0.8],
    ['objects', 0.9],
  ] as const) {
    const room = control()
    t.equal(room.refusal(demandOf(), 0), undefined, 'nothing is known yet')
    room.observe(sampleOf({ [stream]: bound - 0.01 }))
    t.equal(room.refusal(demandOf(), 0), undefined)
    room.observe(sampleOf({ [stream]: bound + 0.01 }))
    t.match(room.refusal(demandOf(), 0), { reason: stream, code: 'OVERLOADED', retryAfterMs: 5000 })
    t.ok(room.refusal(undefined, 0), 'the durable queue is left alone')
    room.observe(sampleOf({ [stream]: bound - 0.01 }))
    t.equal(room.refusal(demandOf(), 0), undefined, 'by itself, once there is room')
  }
})

t.test('the hint is when there will be room at the rate of the last seconds', async (t) => {
  const room = control()
  room.observe(sampleOf({ steps: 0.95 }, { atMs: 0 }))
  room.observe(sampleOf({ steps: 0.9 }, { atMs: 2000 }))
  t.equal(room.refusal(demandOf(), 0)?.retryAfterMs, 4000, '10 % too much, 2.5 % a second')
})

t.test('what came in since the last look counts', async (t) => {
  const room = control()
  room.observe(sampleOf({ log: 0.84 }))
  room.onAdmitted(demandOf(planOf(1), 5 * MIB))
  t.equal(room.refusal(demandOf(), 0), undefined)
  room.onAdmitted(demandOf(planOf(1), 6 * MIB))
  t.match(room.refusal(demandOf(), 0), { reason: 'log' })
})

t.test('and goes on to count until a look at the log has it', async (t) => {
  const room = control()
  const full = { reason: 'log' }
  room.observe(sampleOf({ log: 0.84 }, { logSeq: 10 }))
  const onItsWay = room.onAdmitted(demandOf(planOf(1), 11 * MIB))
  room.observe(sampleOf({ log: 0.84 }, { logSeq: 11 }))
  t.match(room.refusal(demandOf(), 0), full, 'it is not known to be in the log')
  onItsWay.stored(3, 12)
  t.match(room.refusal(demandOf(), 0), full, 'in the log, and not in the look')
  room.observe(sampleOf({ log: 0.84 }, { logSeq: 11 }))
  t.match(room.refusal(demandOf(), 0), full, 'nor in the next one')
  room.observe(sampleOf({ log: 0.84 }, { logSeq: 12 }))
  t.equal(room.refusal(demandOf(), 0), undefined)
  const lost = room.onAdmitted(demandOf(planOf(1), 11 * MIB))
  t.match(room.refusal(demandOf(), 0), full)
  lost.withdrawn()
  t.equal(room.refusal(demandOf(), 0), undefined)
  room.onAdmitted(demandOf(planOf(1), 11 * MIB))
  for (let i = 0; i < 41; i++) room.observe(sampleOf({ log: 0.84 }, { logSeq: 12 }))
  t.equal(room.refusal(demandOf(), 0), undefined, 'what never shows is not waited for without end')
})

t.test('with other orchestrators, each takes a share of what is free until the next look', async (t) => {
  const room = control()
  room.observe(sampleOf({ log: 0.84 }, { orchestrators: 3 }))
  room.onAdmitted(demandOf(planOf(1), 1.5 * MIB))
  t.equal(room.refusal(demandOf(), 0), undefined)
  room.onAdmitted(demandOf(planOf(1), 0.5 * MIB))
  t.match(room.refusal(demandOf(), 0), { reason: 'log' })
})

t.test('several orchestrators together never promise more than the log has room for', async (t) => {
  const submissions = fc.array(fc.record({ by: fc.nat(), sample: fc.boolean(), stored: fc.boolean() }), {
    minLength: 20,
    maxLength: 400,
  })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 4, max: 40 }),
      fc.record({ steps: fc.integer({ min: 1, max: 12 }), bytes: fc.integer({ min: 300, max: 256 * 1024 }) }),
      submissions,
      (orchestrators, maxMib, { steps, bytes: own }, all) => {
        const maxBytes = maxMib * MIB
        const log = { bytes: 0, seq: 0, tasks: 0 }
        const instances = Array.from({ length: orchestrators }, () => ({
          room: control(),
          seen: 0,
          since: 0,
          age: 0,
          pending: [] as (() => void)[],
        }))
        const sample = (instance: (typeof instances)[number]) => {
          const fills = { ...sampleOf().fills, log: fill(0, { bytes: log.bytes, maxBytes }) }
          instance.room.observe({ ...sampleOf({}, { logSeq: log.seq, orchestrators }), fills })
          // What is on its way is in nobody's sight but that of who let it in.
          for (const one of instances) one.age++
          instance.age = 0
          instance.seen = log.tasks
          instance.since = instance.pending.length
        }
        for (const instance of instances) sample(instance)
        let accepted = 0
        for (const { by, sample: samples, stored } of all) {
          const instance = instances[by % orchestrators]!
          if (samples) sample(instance)
          // All look equally often, but for one or two samples that failed.
          if (instance.age > 3 * (orchestrators - 1)) sample(instance)
          const demand = demandOf(planOf(steps), own)
          if (instance.room.refusal(demand, instance.seen + instance.since)) continue
          accepted++
          instance.since++
          const admitted = instance.room.onAdmitted(demand)
          instance.pending.push(() => {
            log.bytes += own
            log.tasks++
            admitted.stored(0, ++log.seq)
          })
          if (stored) for (const store of instance.pending.splice(0)) store()
        }
        return accepted * (own + steps * (16 * 1024 + 300)) <= maxBytes
      },
    ),
    { numRuns: 300 },
  )
  t.pass('300 logs')
})

t.test('every accepted task must be able to end: their results have room before new tasks do', async (t) => {
  const room = control()
  room.observe(sampleOf({ log: 0.5 }))
  // 12 steps of 16 KiB are the most that is inline: 249,108 bytes with the events of all attempts.
  const large = demandOf(planOf(12))
  room.onAdmitted(large)
  t.equal(room.refusal(large, 1900), undefined)
  t.match(room.refusal(large, 2050), { reason: 'log', message: /2050 tasks in flight/ })
  const endless = control()
  endless.observe({ ...sampleOf(), fills: { ...sampleOf().fills, log: fill(0, { maxBytes: -1 }) } })
  t.equal(endless.refusal(large, 1e9), undefined, 'a log without a limit')
})

t.test(
  'it holds by itself: accepted tasks that give the largest outputs fit, whatever came in',
  async (t) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 200 }),
        fc.array(
          fc.record({
            steps: fc.integer({ min: 1, max: 12 }),
            bytes: fc.integer({ min: 300, max: 256 * 1024 }),
          }),
          {
            minLength: 1,
            maxLength: 300,
          },
        ),
        (maxMib, tasks) => {
          const room = control()
          const maxBytes = maxMib * MIB
          let [bytes, active, worst] = [0, 0, 0]
          let largest = 0
          for (const [i, { steps, bytes: own }] of tasks.entries()) {
            if (i % 10 === 0)
              room.observe({
                ...sampleOf(),
                fills: { ...sampleOf().fills, log: fill(0, { bytes, maxBytes }) },
              })
            const demand = demandOf(planOf(steps), own)
            if (room.refusal(demand, active)) continue
            room.onAdmitted(demand)
            active++
            bytes += own
            worst += steps * (16 * 1024 + 300)
            largest = Math.max(largest, steps)
          }
          // The mean of what came in stands for all: it may lag behind by some of the largest.
          return bytes + worst <= maxBytes * 1.1 + 50 * largest * 16 * 1024
        },
      ),
      { numRuns: 200 },
    )
    t.pass('200 logs')
  },
)

t.test('too many wait for one agent type: only plans that name it are refused', async (t) => {
  const room = control(100)
  room.observe(sampleOf({}, { waiting: { x: 99 } }))
  t.equal(room.refusal(demandOf(), 0), undefined)
  room.onAdmitted(demandOf())
  t.match(room.refusal(demandOf(), 0), { reason: 'queue', message: /100 steps wait for agent "x"/ })
  t.equal(room.refusal(demandOf({ steps: [{ id: 'a', agent: 'y' }] }), 0), undefined)
  t.equal(room.refusal(undefined, 0), undefined)
})

t.test('a limit of messages is one too', async (t) => {
  t.equal(fillOf(fill(0.1, { messages: 90, maxMessages: 100 })), 0.9)
  t.equal(fillOf(fill(0.1, { maxBytes: 0 })), 0)
})

t.test(
  'admission asks every check, tells why not, and takes nothing from the durable queue meanwhile',
  async (t) => {
    const room = control()
    const reasons: string[] = []
    const limits = { maxActiveTasks: 0, maxLagEvents: 0, tenantMaxActive: 0 }
    const admission = new AdmissionControl(limits, {
      checks: [room],
      onRefused: (reason) => reasons.push(reason),
    })
    admission.observe({ active: 0, activeOf: new Map(), lagEvents: 0, offsets: [] }, 0)
    room.observe(sampleOf({ log: 0.9 }))
    t.throws(() => admission.admit('north', demandOf()), { code: 'OVERLOADED' })
    t.strictSame(reasons, ['log'])
    t.equal(admission.room('north'), 0)
    room.observe(sampleOf())
    admission.admit('north', demandOf())
    t.equal(admission.room('north'), Number.POSITIVE_INFINITY)
  },
)
