import t from 'tap'
import {
  judgeAlerts,
  judgeIncidents,
  judgeMemory,
  type RaisedAlert,
} from '../../../loadtest/endurance/judge.ts'

/** Loops of 20 s with an event at 5 s, from 0 to a minute: at 5, 25 and 45 s. */
const TRUTH = [{ camera: 'yard', startedAtMs: 0, loopMs: 20_000, events: [{ rule: 'gate', atMs: 5000 }] }]
const RUN = { fromMs: 0, toMs: 60_000, troubles: [] }
const alert = (atMs: number, more: Partial<RaisedAlert> = {}): RaisedAlert => ({
  ...{ id: `a${atMs}`, camera: 'yard', rule: 'gate', atMs },
  ...more,
})
const TOLD = [alert(5300), alert(25_900), alert(45_100)]

t.test('each event once: nothing to say', async (t) => {
  t.strictSame(judgeAlerts(TRUTH, TOLD, RUN), {
    events: 3,
    told: 3,
    unseen: 0,
    unseenTold: 0,
    violations: [],
  })
})

t.test('what was not told, told twice, or told without an event is found', async (t) => {
  const violations = (alerts: RaisedAlert[]) => judgeAlerts(TRUTH, alerts, RUN).violations
  t.match(violations(TOLD.slice(1)), [/gate at 5\.0 s was not told/])
  t.match(violations([...TOLD, alert(26_500)]), [/told of somebody for 26\.5 s.* once more/])
  t.match(violations([...TOLD, alert(35_000, { subject: 'track-7' })]), [
    /told of track-7 for 35\.0 s, where nothing/,
  ])
  t.match(violations([...TOLD, alert(5400, { camera: 'road' })]), [/road/])
  t.match(
    violations([alert(10_500), ...TOLD.slice(1)]),
    [/5\.0 s was not told/, /10\.5 s/],
    'too late is both',
  )
  t.match(violations([...TOLD, TOLD[0]!]), [/once more/, /a5300 was published twice/])
})

t.test(
  'while nobody could see, an event may be told or not; what happens elsewhere is no excuse',
  async (t) => {
    const trouble = { what: 'outage', camera: 'yard', fromMs: 24_000, toMs: 30_000 }
    const judged = judgeAlerts(TRUTH, [TOLD[0]!, alert(31_000), TOLD[2]!], { ...RUN, troubles: [trouble] })
    t.strictSame(judged, { events: 1, told: 1, unseen: 2, unseenTold: 1, violations: [] })
    t.match(judgeAlerts(TRUTH, TOLD, { ...RUN, troubles: [trouble] }), {
      unseen: 2,
      unseenTold: 2,
      violations: [],
    })
    const elsewhere = { ...trouble, camera: 'road' }
    const missed = [TOLD[0]!, TOLD[2]!]
    t.equal(judgeAlerts(TRUTH, missed, { ...RUN, troubles: [elsewhere] }).violations.length, 1)
    const { camera: _camera, ...ofAll } = trouble
    t.strictSame(judgeAlerts(TRUTH, missed, { ...RUN, troubles: [ofAll] }).violations, [])
  },
)

t.test('what takes a while has to be seen for so long after a fault', async (t) => {
  const truth = [{ ...TRUTH[0]!, events: [{ rule: 'gate', atMs: 5000, takesMs: 8000 }] }]
  const trouble = { what: 'kill', fromMs: 30_000, toMs: 33_000 }
  const late = [TOLD[0]!, TOLD[1]!, alert(46_500)]
  t.match(judgeAlerts(truth, late, { ...RUN, troubles: [trouble] }), {
    unseen: 1,
    unseenTold: 1,
    violations: [],
  })
  const without = judgeAlerts(TRUTH, [...TOLD, alert(40_500)], { ...RUN, troubles: [trouble] })
  t.match(without.violations, [/40\.5 s/], 'of a rule that takes no time it is one too many')
})

t.test(
  'after a visit that was cut the next one may be taken for the same: late, or not told; the one after is told',
  async (t) => {
    const trouble = { what: 'kill', fromMs: 8000, toMs: 12_000 }
    const run = { ...RUN, troubles: [trouble] }
    t.strictSame(judgeAlerts(TRUTH, [TOLD[0]!, alert(31_000), TOLD[2]!], run).violations, [])
    t.strictSame(judgeAlerts(TRUTH, [TOLD[0]!, TOLD[2]!], run).violations, [])
    t.match(judgeAlerts(TRUTH, [TOLD[0]!, TOLD[1]!], run).violations, [/45\.0 s was not told/])
    t.match(judgeAlerts(TRUTH, [...TOLD, alert(32_000)], run).violations, [/32\.0 s/], 'and not twice')
  },
)

t.test('an outage is one incident, opened and closed once', async (t) => {
  const outage = { camera: 'yard', fromMs: 10_000, toMs: 20_000 }
  const incident = {
    id: 'i1',
    camera: 'yard',
    kind: 'camera-offline',
    sinceMs: 10_100,
    changes: ['recovered', 'resolved'],
  }
  t.strictSame(judgeIncidents([outage], [incident]), [])
  t.match(judgeIncidents([outage], []), [/an outage of 10 s is 0 incidents/])
  t.match(judgeIncidents([outage], [incident, { ...incident, id: 'i2' }]), [/is 2 incidents/])
  t.match(judgeIncidents([outage], [{ ...incident, changes: ['recovered'] }]), [/closed 0 times/])
  t.match(judgeIncidents([outage], [{ ...incident, changes: ['resolved', 'reopened', 'resolved'] }]), [
    /closed 2 times/,
  ])
  t.match(judgeIncidents([], [incident]), [/an incident without an outage \(i1\)/])
  t.equal(judgeIncidents([outage], [{ ...incident, camera: 'road' }]).length, 2)
})

t.test(
  'a camera that nobody could see for is told to be blind; at another time that is a fault',
  async (t) => {
    const blind = { id: 'i1', camera: 'yard', kind: 'camera-blind', sinceMs: 10_100, changes: [] }
    const trouble = { what: 'kill of detection', fromMs: 10_000, toMs: 17_000 }
    t.strictSame(judgeIncidents([], [blind], [trouble]), [])
    t.match(judgeIncidents([], [blind]), [/yard: camera-blind was told, and nothing was in the way/])
    t.equal(judgeIncidents([], [{ ...blind, sinceMs: 24_000 }], [trouble]).length, 1)
    t.equal(judgeIncidents([], [blind], [{ ...trouble, camera: 'road' }]).length, 1)
    // It is no outage, and hides none.
    const outage = { camera: 'yard', fromMs: 10_000, toMs: 20_000 }
    t.match(judgeIncidents([outage], [blind], [trouble]), [/is 0 incidents/])
  },
)

t.test('memory that stays, and memory that grows', async (t) => {
  const samples = (minutes: number, mb: (minute: number) => number) =>
    Array.from({ length: minutes * 12 }, (_, i) => [i / 12, mb(i / 12)] as const)
  t.match(judgeMemory(samples(5, () => 300)), { growthMb: 0, mbPerHour: 0, isFlat: true })
  t.match(judgeMemory(samples(5, (minute) => 300 + 10 * minute)), { isFlat: true }, 'caches fill in minutes')
  t.match(judgeMemory(samples(5, (minute) => 300 + 80 * minute)), { isFlat: false })
  t.match(judgeMemory(samples(120, (minute) => 300 + minute / 60)), { mbPerHour: 1, isFlat: true })
  t.match(judgeMemory(samples(120, (minute) => 300 + minute)), { mbPerHour: 60, isFlat: false })
  t.equal(judgeMemory(samples(1, () => 300).slice(0, 5)), undefined, 'too few to say')
})
