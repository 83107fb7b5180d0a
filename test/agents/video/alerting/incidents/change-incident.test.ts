import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { cameraStateEvent } from '#schemas/camera-event.ts'
import {
  applyStateEvent,
  carryOut,
  type IncidentDeps,
  tell,
} from '../../../../../services/agents/video/alerting/incidents/change-incident.ts'
import type {
  FoundState,
  IncidentStore,
  StoredIncident,
} from '../../../../../services/agents/video/alerting/incidents/incident-store.ts'
import type { StateEvent } from '../../../../../services/agents/video/alerting/incidents/next-incident.ts'

const LIMITS = { steadyMs: 15_000, flapSteadyMs: 300_000, flapWindowMs: 900_000 }
const RULE = { id: 'away', kind: 'camera-offline', severity: 'high', cooldownMs: 60_000 } as const

function eventAt(phase: 'begin' | 'end', sinceMs: number): StateEvent {
  const about = { tenant: 'default', monitor: 'm1', camera: 'yard', rule: RULE }
  const event = cameraStateEvent(about, { phase, sinceMs, message: phase, atMs: sinceMs + 1000, mediaMs: 0 })
  return { ...event, state: { phase, sinceMs } }
}

/** A history of one state in memory, and all that is done to it and told of it, in its order. */
function world() {
  const done: string[] = []
  let known: StoredIncident | undefined
  const failures = { find: [] as 'unready'[], write: [] as ('stale' | 'unready')[], publish: 0 }
  const publish = async (what: string) => {
    if (failures.publish-- > 0) throw new Error('the stream is away')
    done.push(what)
  }
  const deps: IncidentDeps = {
    incidents: {
      find: async () => failures.find.shift() ?? ((known ? { known } : {}) satisfies FoundState),
      async write(_known: Alert | undefined, { alert, untold }: { alert: Alert; untold: never }) {
        const failure = failures.write.shift()
        if (failure) return failure
        known = { ...known, alert, untold, published: untold !== 'raised' } as StoredIncident
        done.push(`write ${untold}`)
        return 'written'
      },
      async told() {
        const { untold: _untold, ...rest } = known!
        known = { ...rest, published: true }
        done.push('told')
      },
    } as unknown as IncidentStore,
    publisher: {
      raised: () => publish('raised'),
      changed: (_alert: Alert, change: string) => publish(`changed ${change}`),
    } as never,
    clock: { nowMs: () => 2_000_000 },
    limits: LIMITS,
    ensureHistory: async () => {
      done.push('history')
    },
    enrich: async (alert) => ({ ...alert, review: 'r1' }),
    extend: async ({ review }) => {
      done.push(`extend ${review}`)
    },
  }
  return {
    deps,
    failures,
    get known() {
      return known
    },
    /** What was done since the last call. */
    took: () => done.splice(0),
  }
}

t.test('a state that begins is raised with its review item, written before it is told', async (t) => {
  const one = world()
  const handled = await applyStateEvent(eventAt('begin', 1_000_000), one.deps)
  t.match(handled, { kind: 'raised', alert: { review: 'r1', incident: { phase: 'ongoing' } } })
  t.strictSame(one.took(), ['write raised', 'extend r1', 'raised', 'told'])
  t.match(await applyStateEvent(eventAt('begin', 1_000_000), one.deps), { kind: 'known' })
  t.strictSame(one.took(), [], 'again, it repeats nothing')
  t.match(await applyStateEvent(eventAt('end', 1_042_000), one.deps), { kind: 'changed' })
  t.strictSame(one.took(), ['write recovered', 'extend r1', 'changed recovered', 'told'])
  t.match(await applyStateEvent(eventAt('end', 1_042_000), one.deps), { kind: 'known' })
})

t.test('an end without a begin is nothing to tell of', async (t) => {
  const one = world()
  t.match(await applyStateEvent(eventAt('end', 1_000_000), one.deps), { kind: 'known' })
  t.strictSame(one.took(), [])
})

t.test('what a crash left untold is told first, once', async (t) => {
  const one = world()
  one.failures.publish = 1
  await t.rejects(applyStateEvent(eventAt('begin', 1_000_000), one.deps), /stream is away/)
  t.strictSame(one.took(), ['write raised', 'extend r1'])
  t.match(one.known, { untold: 'raised' })
  t.match(await applyStateEvent(eventAt('begin', 1_000_000), one.deps), { kind: 'known' })
  t.strictSame(one.took(), ['raised', 'told'])
  await applyStateEvent(eventAt('begin', 1_000_000), one.deps)
  t.strictSame(one.took(), [])
})

t.test(
  'a history that is gone is put back, and what others changed meanwhile is looked at again',
  async (t) => {
    const one = world()
    one.failures.find.push('unready')
    one.failures.write.push('stale', 'unready')
    t.match(await applyStateEvent(eventAt('begin', 1_000_000), one.deps), { kind: 'raised' })
    t.strictSame(one.took(), ['history', 'write raised', 'extend r1', 'raised', 'told'])
  },
)

t.test('it does not try for ever', async (t) => {
  const one = world()
  one.failures.write.push(...Array<'stale'>(50).fill('stale'))
  await t.rejects(applyStateEvent(eventAt('begin', 1_000_000), one.deps), { code: 'UNAVAILABLE' })
  t.strictSame(one.took(), [])
  t.ok(one.failures.write.length > 30)
})

t.test('what could not be written is not told', async (t) => {
  const one = world()
  await applyStateEvent(eventAt('begin', 1_000_000), one.deps)
  one.took()
  const { alert } = one.known!
  one.failures.write.push('stale')
  t.equal(await carryOut(alert, { kind: 'change', change: 'recurred', alert }, one.deps), undefined)
  t.strictSame(one.took(), [])
})

t.test('telling: that it was raised only where nobody knows, and then what became of it', async (t) => {
  const one = world()
  await applyStateEvent(eventAt('begin', 1_000_000), one.deps)
  one.took()
  const { alert } = one.known!
  await tell({ alert, untold: 'recovered', published: false }, one.deps)
  t.strictSame(one.took(), ['raised', 'changed recovered', 'told'])
  await tell({ alert, untold: 'raised', published: true }, one.deps)
  t.strictSame(one.took(), ['told'])
})
