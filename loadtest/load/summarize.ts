import type { GeneratorResult, Probe } from './generator/messages.ts'
import type { Series } from './generator/recorder.ts'
import type { KindOutcome } from './generator/task-ledger.ts'
import { kneeOf, stageFigures } from './knee.ts'
import { Latencies } from './measure/latencies.ts'
import { recoveryOf, seenProbes } from './recovery.ts'
import {
  type FaultResult,
  type KindResult,
  LOAD_RESULT,
  type LoadResult,
  type Origin,
  type TaskResult,
} from './result-schema.ts'
import { type Scenario, stageSpan } from './scenarios.ts'
import { judgeBelow, levelOf } from './service-levels.ts'
import { judgeLevels, voidReasons } from './verdict.ts'

export interface Kill {
  /** The process. */
  readonly what: string
  /** Which probes see what comes of it. */
  readonly witness: Probe['of']
  readonly atMs: number
}

export interface RunFacts {
  readonly scenario: Scenario
  readonly target: LoadResult['target']
  readonly transports: LoadResult['transports']
  readonly seed: number
  readonly origin: Origin
  readonly generated: GeneratorResult
  /** What was killed and when, in milliseconds of the run; in order. */
  readonly kills: readonly Kill[]
}

/** The result of a run, from what its generator saw. Pure. */
export function summarize(run: RunFacts): LoadResult {
  const { scenario, generated, kills } = run
  const { series, probes, own } = generated
  const kinds = kindResults(series)
  const all = kinds.filter(({ transport }) => transport === 'all')
  const api = series.filter(({ group }) => group === 'api')
  const tasks = generated.tasks.map(taskResult)
  const faults: FaultResult[] = kills.map(({ what, witness, atMs }, i) => {
    const own = probes.filter((probe) => probe.of === witness)
    // Of work that nobody counts the probes themselves say how much is done: they come evenly.
    const ends = own.flatMap((probe) => (probe.tookMs === undefined ? [] : [probe.atMs + probe.tookMs]))
    const endsAtMs = witness === 'report' ? generated.reportEndsAtMs : ends.toSorted((a, b) => a - b)
    const recovery = recoveryOf({ probes: own, endsAtMs }, atMs, kills[i + 1]?.atMs)
    return { what, atMs, ...recovery, probes: seenProbes(own, atMs) }
  })
  const peak = scenario.ratePerSecond ?? scenario.users
  const stages = scenario.stages
    .map(({ from, to }, index) => ({
      index,
      ...stageSpan(scenario, index),
      from: Math.round(from * peak),
      to: Math.round(to * peak),
    }))
    .filter(({ fromMs }) => fromMs < generated.ranMs)
    .map((stage) => stageFigures({ ...stage, toMs: Math.min(stage.toMs, generated.ranMs) }, series))
  const knee = kneeOf(stages)
  const { name, what, users, ratePerSecond, durationMs, mix } = scenario
  return {
    schema: LOAD_RESULT,
    scenario: { name, what, users, durationMs, mix, ...(ratePerSecond !== undefined && { ratePerSecond }) },
    target: run.target,
    transports: [...run.transports],
    seed: run.seed,
    origin: run.origin,
    startedAtMs: generated.startedAtMs,
    ranMs: Math.round(generated.ranMs),
    settledMs: Math.round(generated.settledMs),
    void: voidReasons(own, generated),
    levels: judgeLevels({
      kinds: all,
      apiP95Ms: mergedOf(api).at(0.95),
      tasks,
      ranMs: generated.ranMs,
      turnedAway: Object.values(generated.activities).reduce((sum, { refused }) => sum + refused, 0),
      faults,
    }),
    kinds,
    stages,
    ...(knee && { knee }),
    tasks,
    lostIds: [...generated.lostIds],
    activities: generated.activities,
    hints: generated.hints,
    faults,
    generator: { ...own, notSent: generated.notSent },
    bucketMs: generated.bucketMs,
    timeline: generated.timeline.map((bucket) => ({ ...bucket, atMs: Math.round(bucket.atMs) })),
  }
}

/** By kind over all transports, and where there are two, over each. */
function kindResults(series: readonly Series[]): KindResult[] {
  const results: KindResult[] = []
  const byKind = Map.groupBy(series, ({ group, kind }) => `${group} ${kind}`)
  for (const of of byKind.values()) {
    results.push(kindResult(of, 'all'))
    const byTransport = Map.groupBy(of, ({ transport }) => transport)
    if (byTransport.size > 1)
      for (const [transport, some] of byTransport) results.push(kindResult(some, transport))
  }
  return results
}

function kindResult(series: readonly Series[], transport: KindResult['transport']): KindResult {
  const { kind, group } = series[0]!
  const latencies = mergedOf(series)
  const levelMs = levelOf(group, kind)
  const isAsked = levelMs !== undefined && latencies.count > 0
  const errors: Record<string, number> = {}
  for (const each of series)
    for (const [code, count] of Object.entries(each.errors)) errors[code] = (errors[code] ?? 0) + count
  const total = (count: (each: Series) => number) => series.reduce((sum, each) => sum + count(each), 0)
  return {
    kind,
    group,
    transport,
    answered: total(({ answered }) => answered),
    refused: total(({ refused }) => refused),
    taken: total(({ taken }) => taken),
    errors,
    latency: latencies.percentiles,
    ...(levelMs !== undefined && { levelMs }),
    judgement: isAsked ? judgeBelow(latencies.at(0.95), levelMs) : 'not asked',
    ...(transport === 'all' && latencies.count > 0 && { histogram: latencies.encoded }),
  }
}

function taskResult({ phases, ...outcome }: KindOutcome): TaskResult {
  const of = (text: string) => Latencies.decoded(text).percentiles
  return {
    ...outcome,
    otherwise: { ...outcome.otherwise },
    phases: {
      queue: of(phases.queueMs),
      run: of(phases.runMs),
      orchestration: of(phases.orchestrationMs),
      total: of(phases.totalMs),
    },
  }
}

function mergedOf(series: readonly Series[]): Latencies {
  return Latencies.merged(series.map(({ latencies }) => Latencies.decoded(latencies)))
}
