import fc from 'fast-check'
import t from 'tap'
import type { MurmurError } from '#platform/errors/murmur-error.ts'
import { loadAdmissionConfig } from '../../../services/orchestrator/intake/admission-config.ts'
import {
  AdmissionControl,
  type AdmissionLimits,
  type Load,
} from '../../../services/orchestrator/intake/admission-control.ts'

const NONE: AdmissionLimits = { maxActiveTasks: 0, maxLagEvents: 0, tenantMaxActive: 0 }
const load = (active: number, of: Record<string, number> = {}, lagEvents = 0): Load => ({
  active,
  activeOf: new Map(Object.entries(of)),
  lagEvents,
  offsets: [1],
})

/** It is in the log, and the next look has it. */
function admit(control: AdmissionControl, tenant: string): void {
  control.admit(tenant).stored(0, 1)
}

function refusalOf(control: AdmissionControl, tenant = 'north'): MurmurError | undefined {
  try {
    admit(control, tenant)
    return undefined
  } catch (error) {
    return error as MurmurError
  }
}

t.test('without limits, and before the first sample, everything comes in', async (t) => {
  const control = new AdmissionControl(NONE)
  control.observe(load(1e9, { north: 1e9 }, 1e9), 0)
  t.equal(refusalOf(control), undefined)
  t.equal(refusalOf(new AdmissionControl({ ...NONE, maxActiveTasks: 1 })), undefined)
})

t.test('what comes in between two samples counts, exactly up to the limit', async (t) => {
  const control = new AdmissionControl({ ...NONE, maxActiveTasks: 10 })
  control.observe(load(7), 0)
  t.equal(control.room('north'), 3)
  for (let i = 0; i < 3; i++) t.equal(refusalOf(control), undefined)
  t.match(refusalOf(control), { code: 'OVERLOADED', retryAfterMs: 5000 }, 'nobody knows when')
  control.observe(load(9), 250)
  t.equal(refusalOf(control), undefined, 'one has ended')
  t.match(refusalOf(control), { code: 'OVERLOADED' })
})

t.test('what was let in counts until a look has it, and no longer', async (t) => {
  const control = new AdmissionControl({ ...NONE, tenantMaxActive: 3 })
  const sample = (active: number, offsets: number[]) =>
    control.observe({ ...load(active, { north: active }), offsets }, 0)
  sample(0, [0, 0])
  const [first, second, third] = [control.admit('north'), control.admit('north'), control.admit('north')]
  first.stored(1, 8)
  second.stored(0, 9)
  sample(1, [5, 8])
  t.match(refusalOf(control), { message: /^3 tasks of this tenant/ }, 'a look that came before two of them')
  third.withdrawn()
  sample(2, [9, 8])
  t.equal(control.room('north'), 1)
  third.withdrawn()
  second.withdrawn()
  t.equal(control.room('north'), 1, 'nothing is given back twice')
  const lost = control.admit('north')
  lost.stored(0, 1e9)
  for (let i = 0; i < 40; i++) sample(2, [9, 8])
  t.equal(control.room('north'), 0)
  sample(2, [9, 8])
  t.equal(control.room('north'), 1, 'a log that was set back is not waited for')
})

t.test('the quota is of each tenant, with exceptions', async (t) => {
  const tenantMaxActiveOf = new Map([
    ['south', 2],
    ['free', 0],
  ])
  const control = new AdmissionControl({ ...NONE, tenantMaxActive: 1, tenantMaxActiveOf })
  control.observe(load(50, { south: 1, free: 49 }), 0)
  t.equal(refusalOf(control, 'north'), undefined)
  t.match(refusalOf(control, 'north'), { code: 'QUOTA_EXCEEDED' })
  t.equal(refusalOf(control, 'south'), undefined)
  t.match(refusalOf(control, 'south'), { code: 'QUOTA_EXCEEDED' })
  for (let i = 0; i < 5; i++) t.equal(refusalOf(control, 'free'), undefined)
})

t.test('an orchestrator that is behind takes nothing until it has caught up', async (t) => {
  const control = new AdmissionControl({ ...NONE, maxLagEvents: 100 })
  control.observe(load(0, {}, 400), 0)
  control.observe(load(0, {}, 300), 1000)
  t.match(refusalOf(control), { code: 'OVERLOADED', retryAfterMs: 2000 }, '200 too many, 100 a second')
  control.observe(load(0, {}, 100), 2000)
  t.equal(refusalOf(control), undefined)
})

t.test('the hint is when there will be room at the rate of the last seconds', async (t) => {
  const control = new AdmissionControl({ ...NONE, maxActiveTasks: 100, tenantMaxActive: 50 })
  control.observe(load(100, { north: 50, south: 50 }), 0)
  control.observe(load(90, { north: 50, south: 40 }), 1000)
  for (let i = 0; i < 10; i++) admit(control, 'south')
  // 10 have ended, 10 came in and are not ended: the next look sees 10 more ended in the second second.
  control.observe(load(100, { north: 50, south: 50 }), 2000)
  const refused = refusalOf(control, 'north')
  t.match(refused, { code: 'OVERLOADED' })
  t.equal(refused?.retryAfterMs, 250, 'one too many at 5 a second is 200 ms, and 250 is the least')
  control.observe(load(96, { north: 50, south: 46 }), 3000)
  t.match(
    refusalOf(control, 'north'),
    { code: 'QUOTA_EXCEEDED', retryAfterMs: 5000 },
    'none of north has ended',
  )
})

t.test('with a true rate the hint is true, whatever the load: simulated', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 10, max: 500 }),
      (limit, above, perSecond) => {
        const control = new AdmissionControl({ ...NONE, maxActiveTasks: limit })
        let active = limit + above + perSecond
        control.observe(load(active), 0)
        active -= perSecond
        control.observe(load(active), 1000)
        const hint = refusalOf(control)?.retryAfterMs
        if (hint === undefined) return false
        const ended = Math.round((hint * perSecond) / 1000)
        control.observe(load(Math.max(0, active - ended)), 1000 + hint)
        // The cap aside, who comes back when told finds room.
        return hint === 60_000 || refusalOf(control) === undefined
      },
    ),
    { numRuns: 500 },
  )
  t.pass('500 loads')
})

t.test('never more than the limit of what one process knows, and never a refusal with room', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(
        fc.oneof(
          fc.record({ kind: fc.constant('submit' as const), tenant: fc.constantFrom('a', 'b', 'c') }),
          fc.record({ kind: fc.constant('end' as const), tenant: fc.constantFrom('a', 'b', 'c') }),
          fc.record({ kind: fc.constant('look' as const), tenant: fc.constant('a') }),
        ),
        { maxLength: 200 },
      ),
      (limit, actions) => {
        const control = new AdmissionControl({ ...NONE, maxActiveTasks: 2 * limit, tenantMaxActive: limit })
        const active = new Map<string, number>()
        const total = () => [...active.values()].reduce((sum, n) => sum + n, 0)
        let nowMs = 0
        let seen = { all: 0, of: new Map<string, number>() }
        const sample = () => {
          nowMs += 250
          control.observe({ active: total(), activeOf: new Map(active), lagEvents: 0, offsets: [1] }, nowMs)
          seen = { all: total(), of: new Map(active) }
        }
        sample()
        for (const { kind, tenant } of actions) {
          const own = active.get(tenant) ?? 0
          if (kind === 'look') sample()
          else if (kind === 'end') active.set(tenant, Math.max(0, own - 1))
          else {
            const hasRoom = (seen.of.get(tenant) ?? 0) < limit && seen.all < 2 * limit
            const refused = refusalOf(control, tenant)
            if ((refused === undefined) !== hasRoom) return false
            if (refused) continue
            active.set(tenant, own + 1)
            seen.all++
            seen.of.set(tenant, (seen.of.get(tenant) ?? 0) + 1)
            if (own + 1 > limit || total() > 2 * limit) return false
          }
        }
        return true
      },
    ),
    { numRuns: 300 },
  )
  t.pass('300 histories')
})

t.test('memory is bounded', async (t) => {
  const control = new AdmissionControl({ ...NONE, maxActiveTasks: 5 })
  for (let i = 0; i < 100_000; i++) control.observe(load(i % 7), i * 250)
  t.pass('a hundred thousand looks')
})

t.test('the limits in the environment', async (t) => {
  t.match(loadAdmissionConfig({}), {
    maxActiveTasks: 200_000,
    tenantMaxActive: 50_000,
    maxLagEvents: 200_000,
  })
  t.strictSame(
    loadAdmissionConfig({ MURMUR_TENANT_MAX_ACTIVE_OF: 'north=5, south=0' }).tenantMaxActiveOf,
    new Map([
      ['north', 5],
      ['south', 0],
    ]),
  )
  for (const text of ['north', 'north=x', 'a.b=1', 'north=1,north=2', 'north=1=2', '=1'])
    t.throws(
      () => loadAdmissionConfig({ MURMUR_TENANT_MAX_ACTIVE_OF: text }),
      { code: 'CONFIG_INVALID' },
      text,
    )
})

/** One of a tenant's clients. */
const visit = (control: AdmissionControl, key: string, tenant = 'north'): number | 'in' => {
  try {
    control.admit(tenant, undefined, () => ({ key, isUnique: true })).stored(0, 1)
    return 'in'
  } catch (error) {
    return (error as MurmurError).retryAfterMs ?? -1
  }
}

t.test(
  'those who are refused are told to come one after the other, by tenant where it is its quota',
  async (t) => {
    const control = new AdmissionControl({ ...NONE, tenantMaxActive: 10 })
    control.observe(load(40, { north: 40, south: 40 }), 0)
    // Ten a second have ended.
    control.observe(load(20, { north: 20, south: 20 }), 2000)
    t.strictSame(
      ['a', 'b', 'c'].map((key) => visit(control, key)),
      [1100, 1200, 1300],
    )
    t.strictSame(
      ['a', 'b'].map((key) => visit(control, key, 'south')),
      [1100, 1200],
    )
    t.equal(visit(control, 'a'), 1100, 'who asks again goes on to have his place')
  },
)

t.test('who was refused is let in before those who come later, each in his turn', async (t) => {
  const control = new AdmissionControl({ ...NONE, maxActiveTasks: 10 })
  const see = (active: number, atMs: number) => control.observe({ ...load(active), offsets: [1] }, atMs)
  see(20, 0)
  see(10, 1000)
  t.equal(visit(control, 'first'), 250)
  t.equal(visit(control, 'second'), 250)
  see(9, 1250)
  t.not(visit(control, 'somebody else'), 'in', 'the room is promised')
  t.not(visit(control, 'second'), 'in', 'it is the turn of the first')
  t.equal(visit(control, 'first'), 'in')
  see(9, 1500)
  t.equal(visit(control, 'second'), 'in')
  see(9, 1750)
  t.equal(visit(control, 'somebody else'), 'in')
  see(9, 2000)
  t.equal(visit(control, 'yet another'), 'in', 'nobody waits')
})

t.test(
  'room that is free long before anybody is to come is nobody’s, also for one who asks again and again',
  async (t) => {
    const control = new AdmissionControl({ ...NONE, maxActiveTasks: 10 })
    const see = (active: number, atMs: number) => control.observe({ ...load(active), offsets: [1] }, atMs)
    // Nothing has ended: nobody knows when there will be room, so it is said to be in five seconds.
    see(10, 0)
    t.equal(visit(control, 'first'), 5000)
    const same = () => control.admit('north', undefined, () => ({ key: 'body', isUnique: false }))
    for (let i = 0; i < 200; i++) t.throws(same, { code: 'OVERLOADED' })
    see(9, 1000)
    t.equal(visit(control, 'somebody else'), 'in')
    see(9, 4500)
    t.throws(same, { code: 'OVERLOADED' }, 'now it is the time of those who were refused')
    t.equal(visit(control, 'first'), 'in')
  },
)
