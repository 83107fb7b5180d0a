import t from 'tap'
import { compareRuns } from '../../../loadtest/load/compare.ts'
import type { LoadResult } from '../../../loadtest/load/result-schema.ts'
import { sampleResult } from './sample-run.ts'

const base = sampleResult()
const slower = (times: number): LoadResult => ({
  ...base,
  kinds: base.kinds.map((kind) => ({
    ...kind,
    latency: { ...kind.latency, p50Ms: kind.latency.p50Ms * times, p95Ms: kind.latency.p95Ms * times },
  })),
})
const row = (now: LoadResult, what: string) => compareRuns(now, base).rows.find((one) => one.what === what)

t.test('the same run is the same, and nothing is warned of', async (t) => {
  const { rows, warnings } = compareRuns(base, base)
  t.ok(rows.length > 5)
  t.ok(rows.every(({ change }) => change === 'same'))
  t.strictSame(warnings, [])
})

t.test('slower is worse, quicker better, a tenth is neither', async (t) => {
  t.match(row(slower(2), 'submit, p95'), { before: 10, ratio: 2, change: 'worse' })
  t.match(row(slower(0.5), 'small report, p95'), { change: 'better' })
  t.match(row(slower(1.05), 'small report, p95'), { change: 'same' })
  const more = {
    ...base,
    levels: base.levels.map((level) => ({ ...level, measured: (level.measured ?? 0) * 3 })),
  }
  t.match(row(more, 'tasks that ended'), { change: 'better' }, 'of tasks more is better')
})

t.test('of few measurements the last percentiles are not compared', async (t) => {
  const few = {
    ...base,
    kinds: base.kinds.map((kind) => ({ ...kind, latency: { ...kind.latency, count: 50 } })),
  }
  const names = compareRuns(few, base).rows.map(({ what }) => what)
  t.ok(names.includes('submit, p50'))
  t.notOk(names.includes('submit, p95') || names.includes('submit, p99'))
})

t.test('why figures may differ for another reason is said', async (t) => {
  const other: LoadResult = {
    ...base,
    void: ['late'],
    scenario: { ...base.scenario, users: 7 },
    origin: { ...base.origin, machine: { ...base.origin.machine, cores: 64 } },
  }
  t.match(compareRuns(other, base).warnings, [
    /number of users: 100 before, 7 now/,
    /another machine/,
    /this run is void/,
  ])
})
