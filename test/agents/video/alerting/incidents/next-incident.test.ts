import fc from 'fast-check'
import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { cameraEventExample, cameraStateEvent } from '#schemas/camera-event.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  afterBegin,
  afterEnd,
  afterMonitor,
  afterSnooze,
  afterWait,
  CLOSED_BY,
  type IncidentStep,
  type StateEvent,
} from '../../../../../services/agents/video/alerting/incidents/next-incident.ts'

const LIMITS = { steadyMs: 15_000, flapSteadyMs: 300_000, flapWindowMs: 900_000 }
const RULE = { id: 'away', kind: 'camera-offline', severity: 'high', cooldownMs: 60_000 } as const

function eventAt(phase: 'begin' | 'end', sinceMs: number, monitor = 'm1'): StateEvent {
  const about = { tenant: 'default', monitor, camera: 'yard', rule: RULE }
  const event = cameraStateEvent(about, { phase, sinceMs, message: phase, atMs: sinceMs + 1000, mediaMs: 0 })
  return { ...event, state: { phase, sinceMs } }
}

/** An incident over a row of events, as the store has it in between. */
function course() {
  let known: Alert | undefined
  let endedAtMs: number | undefined
  const steps: string[] = []
  const take = (step: IncidentStep) => {
    if (step.kind === 'none') return steps.push('none')
    known = step.alert
    return steps.push(step.kind === 'raise' ? 'raise' : step.change)
  }
  return {
    steps,
    get known() {
      return known!
    },
    set known(alert: Alert) {
      known = alert
    },
    begin(sinceMs: number, monitor?: string) {
      const event = eventAt('begin', sinceMs, monitor)
      const fresh = alertFromEvent(event, event.atMs)
      take(afterBegin(known, { event, fresh, endedAtMs }, event.atMs, LIMITS))
    },
    end(sinceMs: number) {
      const event = eventAt('end', sinceMs)
      take(afterEnd(known, event, event.atMs, LIMITS))
      endedAtMs = Math.max(endedAtMs ?? 0, sinceMs)
    },
    wait: (nowMs: number) => take(known ? afterWait(known, nowMs, LIMITS) : { kind: 'none' }),
    monitorEnds: (nowMs: number) => take(afterMonitor(known!, 'Its monitor has ended: cancelled', nowMs)),
  }
}

t.test('opened once, closed by itself when it has been over for long enough, with the reason', async (t) => {
  const one = course()
  one.begin(1_000_000)
  one.begin(1_000_000)
  one.begin(1_005_000)
  one.end(1_042_000)
  t.match(one.known, {
    status: 'open',
    incident: { phase: 'recovering', closesAtMs: 1_058_000, totalMs: 42_000 },
  })
  one.wait(1_057_999)
  one.wait(1_058_000)
  t.strictSame(one.steps, ['raise', 'none', 'none', 'recovered', 'none', 'resolved'])
  t.match(one.known, {
    status: 'resolved',
    changedBy: CLOSED_BY,
    revision: 2,
    incident: { phase: 'over', times: 1, reason: 'end' },
  })
  t.notHas(one.known.incident, 'closesAtMs')
})

t.test(
  'what comes and goes is one incident that says how often, and is closed after a longer wait',
  async (t) => {
    const one = course()
    one.begin(0)
    one.end(10_000)
    one.begin(20_000)
    t.match(one.known, { occurrences: 2, incident: { phase: 'ongoing', times: 2, sinceMs: 20_000 } })
    one.end(30_000)
    t.equal(one.known.incident?.closesAtMs, 31_000 + LIMITS.flapSteadyMs)
    one.wait(60_000)
    one.wait(400_000)
    one.begin(900_000)
    one.end(910_000)
    t.strictSame(one.steps, [
      'raise',
      'recovered',
      'recurred',
      'recovered',
      'none',
      'resolved',
      'reopened',
      'recovered',
    ])
    t.match(one.known, { status: 'open', incident: { times: 3, totalMs: 30_000 } })
    t.notHas(one.known, 'changedBy')
    one.wait(2_000_000)
    one.begin(910_000 + LIMITS.flapWindowMs)
    t.equal(one.steps.at(-1), 'raise', 'long afterwards it is another one')
  },
)

t.test('what comes late or twice undoes nothing', async (t) => {
  const one = course()
  one.begin(0)
  one.end(10_000)
  one.begin(0)
  one.end(10_000)
  t.strictSame(one.steps, ['raise', 'recovered', 'none', 'none'])
  const two = course()
  two.end(10_000)
  two.begin(0)
  t.strictSame(two.steps, ['none', 'raise'])
  t.match(two.known.incident, { phase: 'recovering', totalMs: 10_000 }, 'its end was heard of first')
})

t.test('a clock that is set back, by hours or years, hides no outage and keeps none open', async (t) => {
  const yearMs = 365 * 86_400_000
  for (const byMs of [3_600_000, yearMs]) {
    const wrongMs = 2 * yearMs
    const rightMs = wrongMs - byMs
    const one = course()
    one.begin(wrongMs)
    one.end(wrongMs + 10_000)
    one.wait(wrongMs + 60_000)
    one.begin(rightMs)
    t.strictSame(one.steps, ['raise', 'recovered', 'resolved', 'reopened'])
    one.end(rightMs + 20_000)
    t.match(one.known.incident, { phase: 'recovering', totalMs: 30_000 })
    const two = course()
    two.begin(wrongMs)
    two.end(rightMs)
    t.strictSame(two.steps, ['raise', 'recovered'], 'set back while it was away')
    const back = course()
    back.begin(wrongMs)
    back.end(wrongMs + 10_000)
    back.wait(rightMs)
    t.strictSame(back.steps, ['raise', 'recovered', 'resolved'], 'set back before it was closed')
    t.match(two.known.incident, { totalMs: 0 })
    const three = course()
    three.end(wrongMs)
    three.begin(rightMs)
    t.match(three.known.incident, { phase: 'ongoing' }, 'an end of before is none of it')
  }
})

t.test('an end of nothing is nothing: captures say it when they begin', async (t) => {
  const one = course()
  one.end(5)
  one.end(6)
  t.strictSame(one.steps, ['none', 'none'])
})

t.test(
  'a monitor that ends closes its incident; the one that comes after takes over what goes on',
  async (t) => {
    const one = course()
    one.begin(0)
    one.begin(50_000, 'm2')
    t.equal(one.steps.at(-1), 'handed-on')
    t.equal(one.known.incident?.monitor, 'm2')
    one.monitorEnds(60_000)
    t.match(one.known, {
      status: 'resolved',
      incident: { phase: 'over', reason: /cancelled/, totalMs: 60_000 },
    })
    one.begin(70_000, 'm3')
    t.equal(one.steps.at(-1), 'reopened')
  },
)

t.test('somebody resolves it: the end is noted, and the next time is another incident', async (t) => {
  const one = course()
  one.begin(0)
  one.known = { ...one.known, status: 'resolved', changedBy: 'anna', revision: 1 }
  one.begin(1000)
  one.end(10_000)
  t.match(one.known, { status: 'resolved', changedBy: 'anna', incident: { phase: 'over' } })
  one.begin(20_000)
  t.strictSame(one.steps, ['raise', 'none', 'recovered', 'raise'])
})

t.test('a snooze that is over tells what still goes on, and only that', async (t) => {
  const one = course()
  one.begin(0)
  t.equal(afterSnooze(one.known).kind, 'none')
  one.known = { ...one.known, snoozed: { id: 's1', by: 'anna', untilMs: 1 } }
  const step = afterSnooze(one.known)
  t.match(step, { kind: 'change', change: 'unsnoozed' })
  if (step.kind === 'change') t.notHas(step.alert, 'snoozed')
  one.end(10)
  t.equal(afterSnooze(one.known).kind, 'none')
})

t.test('whatever comes, in whatever order: it is not left open, and closed only after an end', async (t) => {
  const moment = fc.record({
    phase: fc.constantFrom('begin' as const, 'end' as const),
    atMs: fc.integer({ min: 0, max: 3_000_000 }),
  })
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 30 }), (moments) => {
      const one = course()
      let lastRevision = -1
      for (const { phase, atMs } of moments) {
        one[phase](atMs)
        one.wait(atMs)
        const { revision = 0, incident, status } = one.known ?? { revision: 0 }
        if (!incident) continue
        if (status === 'resolved' && incident.phase !== 'over') return false
        if (incident.phase === 'ongoing' && incident.endedAtMs !== undefined) return false
        if (incident.totalMs < 0) return false
        if (one.steps.at(-1) !== 'raise' && revision < lastRevision && !one.steps.slice(-2).includes('raise'))
          return false
        lastRevision = revision
      }
      one.end(4_000_000)
      one.wait(10_000_000)
      return one.known === undefined || one.known.status === 'resolved'
    }),
    { numRuns: 300 },
  )
  t.pass()
})
t.equal(cameraEventExample.state, undefined, 'what happens and is over has no state')
