import t from 'tap'
import { loadResultSchema } from '../../../loadtest/load/result-schema.ts'
import { scenarioOf } from '../../../loadtest/load/scenarios.ts'
import { summarize } from '../../../loadtest/load/summarize.ts'
import { SAMPLE_ORIGIN, sampleGenerated, sampleResult } from './sample-run.ts'

t.test('a result is what its schema says, also after JSON', async (t) => {
  const result = sampleResult()
  t.strictSame(loadResultSchema.parse(JSON.parse(JSON.stringify(result))), JSON.parse(JSON.stringify(result)))
})

t.test('kinds are there over all transports and over each, from histograms added together', async (t) => {
  const { kinds } = sampleResult()
  t.strictSame(
    kinds.map(({ kind, transport, answered }) => [kind, transport, answered]),
    [
      ['submit', 'all', 800],
      ['submit', 'rest', 400],
      ['submit', 'grpc', 400],
      ['small report', 'all', 800],
      ['small report', 'rest', 400],
      ['small report', 'grpc', 400],
    ],
  )
  t.match(kinds[0], { latency: { count: 800, p95Ms: 10 }, judgement: 'met', levelMs: 500 })
})

t.test('stages, the knee and what was killed follow from what was seen', async (t) => {
  const probes = Array.from({ length: 100 }, (_, i) => ({
    of: i % 2 === 0 ? ('task' as const) : ('report' as const),
    atMs: 10_000 + i * 200,
    tookMs: i === 60 ? 2000 : 20,
  }))
  const result = summarize({
    scenario: scenarioOf('baseline')!,
    target: { kind: 'local', about: 'all' },
    transports: ['rest'],
    seed: 1,
    origin: SAMPLE_ORIGIN,
    generated: sampleGenerated({ probes }),
    kills: [
      { what: 'report-agents', witness: 'report', atMs: 15_000 },
      { what: 'orchestrator', witness: 'task', atMs: 22_000 },
    ],
  })
  t.strictSame(
    result.stages.map(({ from, to, held }) => [from, to, held]),
    [
      [25, 25, true],
      [50, 50, true],
      [75, 75, true],
      [100, 100, true],
    ],
  )
  t.match(result.knee, { load: 100 })
  t.match(result.faults, [
    { what: 'report-agents', atMs: 15_000, seenBy: 'latency', recoveryMs: 0, latencyMs: 0 },
    {
      what: 'orchestrator',
      atMs: 22_000,
      seenBy: 'latency',
      recoveryMs: 2000,
      latencyMs: 2000,
      throughputMs: 0,
    },
  ])
  t.match(result.tasks, [{ kind: 'small report', phases: { queue: { p50Ms: 10 }, run: { p50Ms: 20 } } }])
})

t.test('stages that a broken-off run never came to are not there', async (t) => {
  const result = sampleResult({ ranMs: 7000, isBrokenOff: true })
  t.equal(result.stages.length, 2)
  t.equal(result.stages[1]!.toMs, 7000)
  t.strictSame(result.void, ['it was broken off'])
})
