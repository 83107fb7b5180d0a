import t from 'tap'
import type { Series } from '../../../loadtest/load/generator/recorder.ts'
import { kneeOf, type StageFigures, stageFigures } from '../../../loadtest/load/knee.ts'
import { Latencies } from '../../../loadtest/load/measure/latencies.ts'

const series = (over: Partial<Series> & { ms?: number; count?: number }): Series => {
  const { ms = 10, count = 100, ...rest } = over
  const latencies = Latencies.empty()
  for (let i = 0; i < count; i++) latencies.record(ms)
  const { encoded } = latencies
  const counts = { answered: count, refused: 0, taken: 0, errors: {} }
  return { kind: 'submit', group: 'api', transport: 'rest', stage: 0, ...counts, latencies: encoded, ...rest }
}
const stage = { index: 0, fromMs: 0, toMs: 10_000, from: 50, to: 50 }

t.test('a stage has its rates and whether the levels held', async (t) => {
  const tasks = series({ group: 'task', kind: 'small report', ms: 200, count: 30 })
  t.match(stageFigures(stage, [series({}), tasks, series({ stage: 1, ms: 9999 })]), {
    answeredPerSecond: 10,
    tasksPerSecond: 3,
    apiP95Ms: 10,
    smallReportP95Ms: 200,
    errorShare: 0,
    held: true,
  })
})

t.test('slow answers, slow reports, errors, and refusals each break a stage', async (t) => {
  const broken = (of: readonly Series[]) => stageFigures(stage, of).held
  t.equal(broken([series({})]), true)
  t.equal(broken([series({ ms: 600 })]), false)
  t.equal(broken([series({}), series({ group: 'task', kind: 'small report', ms: 600 })]), false)
  t.equal(
    broken([series({}), series({ group: 'task', kind: 'large report', ms: 600 })]),
    true,
    'no level of its own',
  )
  t.equal(broken([series({ errors: { INTERNAL: 2 } })]), false)
  t.equal(broken([series({ refused: 5 })]), false)
  t.equal(broken([]), false, 'nothing was answered')
})

const held = (to: number, isHeld: boolean, from = to): StageFigures => ({
  ...{ index: 0, fromMs: 0, toMs: 1000, refusedPerSecond: 0, errorShare: 0, apiP95Ms: 1 },
  ...{ from, to, answeredPerSecond: to * 2, tasksPerSecond: to, held: isHeld },
})

t.test('the knee is the most load that held, and where it broke', async (t) => {
  t.strictSame(kneeOf([held(25, true), held(50, true), held(75, false), held(100, false)]), {
    load: 50,
    answeredPerSecond: 100,
    tasksPerSecond: 50,
    brokeAt: 75,
  })
  t.equal(kneeOf([held(25, true), held(50, true)])!.brokeAt, undefined)
  t.equal(kneeOf([held(25, false), held(50, true)]), undefined, 'what holds above what did not is chance')
  t.equal(kneeOf([held(50, true), held(0, false, 100)])!.load, 50, 'on the way down it is still busy')
})
