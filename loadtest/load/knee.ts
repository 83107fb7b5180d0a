import type { Series } from './generator/recorder.ts'
import { Latencies } from './measure/latencies.ts'
import { levelOf, SERVICE_LEVELS } from './service-levels.ts'

/** What happened while load was the same, or went from one level to the next. */
export interface StageFigures {
  readonly index: number
  readonly fromMs: number
  readonly toMs: number
  /** Users, or arrivals a second in an open loop: at the beginning and at the end. */
  readonly from: number
  readonly to: number
  /** Answers of the API a second, and tasks that ended. */
  readonly answeredPerSecond: number
  readonly tasksPerSecond: number
  readonly refusedPerSecond: number
  readonly errorShare: number
  readonly apiP95Ms: number
  /** Absent where there were none. */
  readonly smallReportP95Ms?: number
  /** Whether latency and errors were within the levels, and next to nobody was told to come back later. */
  readonly held: boolean
}

export interface Knee {
  /** Of the stage with the most load that held. */
  readonly load: number
  readonly answeredPerSecond: number
  readonly tasksPerSecond: number
  /** The stage after which it did not hold any more; absent where it always did. */
  readonly brokeAt?: number
}

/** Above this share of refusals a deployment is beyond what it can do, however quick it is with the rest. */
const MAX_REFUSED_SHARE = 0.01

/** The figures of a stage. Pure. */
export function stageFigures(
  stage: Pick<StageFigures, 'index' | 'fromMs' | 'toMs' | 'from' | 'to'>,
  series: readonly Series[],
): StageFigures {
  const seconds = Math.max(0.001, (stage.toMs - stage.fromMs) / 1000)
  const of = series.filter(({ stage: index }) => index === stage.index)
  const api = of.filter(({ group }) => group === 'api')
  const small = of.filter(({ group, kind }) => group === 'task' && kind === 'small report')
  const answered = sum(api.map((each) => each.answered))
  const refused = sum(api.map((each) => each.refused))
  const errors = sum(api.flatMap((each) => Object.values(each.errors)))
  const asked = answered + errors
  const tasks = of.filter(({ group }) => group === 'task')
  const errorShare = asked === 0 ? 0 : errors / asked
  const apiP95Ms = p95Of(api)
  const smallReportP95Ms = small.length === 0 ? undefined : p95Of(small)
  const held =
    answered > 0 &&
    apiP95Ms < levelOf('api', '')! &&
    (smallReportP95Ms ?? 0) < levelOf('task', 'small report')! &&
    errorShare < SERVICE_LEVELS.errorShare &&
    refused <= MAX_REFUSED_SHARE * (answered + refused)
  return {
    ...stage,
    answeredPerSecond: round(answered / seconds),
    tasksPerSecond: round(sum(tasks.map((each) => each.answered)) / seconds),
    refusedPerSecond: round(refused / seconds),
    errorShare,
    apiP95Ms,
    ...(smallReportP95Ms !== undefined && { smallReportP95Ms }),
    held,
  }
}

/**
 * The knee: the most load under which the levels held, of stages with less load all of which held too. Undefined where not even the least
 * did. Pure.
 */
export function kneeOf(stages: readonly StageFigures[]): Knee | undefined {
  // On the way down a system is still busy with what came before.
  const rising = stages.filter(({ from, to }) => to >= from && to > 0).toSorted((a, b) => a.to - b.to)
  const broken = rising.findIndex(({ held }) => !held)
  const held = broken < 0 ? rising : rising.slice(0, broken)
  const best = held.at(-1)
  if (!best) return undefined
  return {
    load: best.to,
    answeredPerSecond: best.answeredPerSecond,
    tasksPerSecond: best.tasksPerSecond,
    ...(broken >= 0 && { brokeAt: rising[broken]!.to }),
  }
}

function p95Of(series: readonly Series[]): number {
  return Latencies.merged(series.map(({ latencies }) => Latencies.decoded(latencies))).at(0.95)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function round(value: number): number {
  return Number(value.toFixed(1))
}
