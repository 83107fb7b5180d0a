import type { OwnDelay } from './generator/own-delay.ts'
import type { FaultResult, KindResult, LoadResult, TaskResult } from './result-schema.ts'
import { judgeBelow, type LevelResult, MAX_GENERATOR_DELAY_MS, SERVICE_LEVELS } from './service-levels.ts'

export interface Facts {
  /** Over all transports. */
  readonly kinds: readonly KindResult[]
  readonly apiP95Ms: number
  readonly tasks: readonly TaskResult[]
  readonly ranMs: number
  /** Activities that were given up because they were refused too often. */
  readonly turnedAway: number
  readonly faults: readonly FaultResult[]
}

/** Each service level with what was measured. Pure. */
export function judgeLevels(facts: Facts): LevelResult[] {
  return [
    apiLevel(facts),
    smallReportLevel(facts),
    tasksLevel(facts),
    errorLevel(facts),
    successLevel(facts),
    recoveryLevel(facts),
    lossLevel(facts),
  ]
}

function apiLevel({ kinds, apiP95Ms }: Facts): LevelResult {
  const about = {
    name: 'API, from when a question was due to its answer',
    wanted: `p95 < ${SERVICE_LEVELS.apiP95Ms} ms`,
    unit: 'ms',
  } as const
  if (!kinds.some(({ group, answered }) => group === 'api' && answered > 0))
    return { ...about, judgement: 'not asked', note: 'nothing was answered' }
  return { ...about, measured: apiP95Ms, judgement: judgeBelow(apiP95Ms, SERVICE_LEVELS.apiP95Ms) }
}

function smallReportLevel({ kinds }: Facts): LevelResult {
  const about = {
    name: 'small reports, from submission to result',
    wanted: `p95 < ${SERVICE_LEVELS.smallReportP95Ms} ms`,
    unit: 'ms',
  } as const
  const small = kinds.find(({ group, kind }) => group === 'task' && kind === 'small report')
  if (!small || small.answered === 0) return { ...about, judgement: 'not asked', note: 'there were none' }
  const { p95Ms } = small.latency
  return { ...about, measured: p95Ms, judgement: judgeBelow(p95Ms, SERVICE_LEVELS.smallReportP95Ms) }
}

/** What was not offered can't be done: then the level is not asked. Who was turned away would have had a task. */
function tasksLevel({ kinds, tasks, ranMs, turnedAway }: Facts): LevelResult {
  const seconds = Math.max(0.001, ranMs / 1000)
  const ended = sum(kinds.filter(({ group }) => group === 'task').map(({ answered }) => answered)) / seconds
  const offered = (sum(tasks.map(({ accepted }) => accepted)) + turnedAway) / seconds
  const about = {
    name: 'tasks that ended',
    wanted: `> ${SERVICE_LEVELS.tasksPerSecond}/s`,
    measured: Number(ended.toFixed(1)),
    unit: '/s',
  } as const
  if (ended > SERVICE_LEVELS.tasksPerSecond) return { ...about, judgement: 'met' }
  const note = `${offered.toFixed(1)}/s were offered`
  const isOffered = offered >= SERVICE_LEVELS.tasksPerSecond
  return { ...about, judgement: isOffered ? 'missed' : 'not asked', note }
}

function errorLevel({ kinds }: Facts): LevelResult {
  const api = kinds.filter(({ group }) => group === 'api')
  const errors = sum(api.flatMap((kind) => Object.values(kind.errors)))
  const asked = sum(api.map(({ answered }) => answered)) + errors
  const about = {
    name: 'errors, of all questions',
    wanted: `< ${SERVICE_LEVELS.errorShare * 100} %`,
    unit: '%',
  } as const
  if (asked === 0) return { ...about, judgement: 'not asked', note: 'nothing was asked' }
  const share = errors / asked
  return {
    ...about,
    measured: percent(share),
    judgement: judgeBelow(share, SERVICE_LEVELS.errorShare),
    ...(errors > 0 && { note: `${errors} of ${asked}: ${codesText(api)}` }),
  }
}

function successLevel({ tasks }: Facts): LevelResult {
  const about = {
    name: 'tasks that ended as they were to',
    wanted: `> ${SERVICE_LEVELS.successShare * 100} %`,
    unit: '%',
  } as const
  const accepted = sum(tasks.map((task) => task.accepted))
  if (accepted === 0) return { ...about, judgement: 'not asked', note: 'none was accepted' }
  const well = sum(tasks.map(({ asExpected }) => asExpected))
  const share = well / accepted
  return {
    ...about,
    measured: percent(share),
    judgement: share > SERVICE_LEVELS.successShare ? 'met' : 'missed',
    ...(well < accepted && { note: `${accepted - well} of ${accepted} did not` }),
  }
}

function recoveryLevel({ faults }: Facts): LevelResult {
  const about = {
    name: 'everything works as before after a process was killed',
    wanted: `< ${SERVICE_LEVELS.recoveryMs / 1000} s`,
    unit: 's',
  } as const
  if (faults.length === 0) return { ...about, judgement: 'not asked', note: 'nothing was killed' }
  const unknown = faults.filter(({ recoveryMs }) => recoveryMs === undefined)
  const longest = Math.max(0, ...faults.map(({ recoveryMs }) => recoveryMs ?? 0))
  const measured = Number((longest / 1000).toFixed(1))
  // How long it would have taken is not known: no figure is better than that of the others.
  if (unknown.length > 0)
    return {
      ...about,
      judgement: 'missed',
      note: `after ${unknown.map(({ what }) => what).join(', ')} it was not seen to`,
    }
  const queued = faults.filter(({ seenBy }) => seenBy === 'throughput').map(({ what }) => what)
  return {
    ...about,
    measured,
    judgement: judgeBelow(longest, SERVICE_LEVELS.recoveryMs),
    ...(queued.length > 0 && { note: `${queued.join(', ')}: by how much was done, as work waited already` }),
  }
}

function lossLevel({ tasks }: Facts): LevelResult {
  const lost = sum(tasks.map((task) => task.lost))
  const open = sum(tasks.map((task) => task.open))
  const accepted = sum(tasks.map((task) => task.accepted))
  const about = { name: 'accepted tasks that are lost', wanted: '0', measured: lost, unit: '' } as const
  if (accepted === 0) return { ...about, judgement: 'not asked', note: 'none was accepted' }
  return {
    ...about,
    judgement: lost === 0 ? 'met' : 'missed',
    note: `${accepted} were accepted and asked for${open > 0 ? `, ${open} were not over by then` : ''}`,
  }
}

/** Why a run does not count; empty when it does. Pure. */
export function voidReasons(
  own: OwnDelay,
  { notSent, isBrokenOff, notRemembered }: { notSent: number; isBrokenOff: boolean; notRemembered: number },
): string[] {
  const bound = MAX_GENERATOR_DELAY_MS
  return [
    ...(own.loopP99Ms > bound
      ? [`the generator's event loop was ${own.loopP99Ms} ms late at its 99th percentile, ${bound} at most`]
      : []),
    ...(own.lateP99Ms > bound
      ? [`questions were sent ${own.lateP99Ms} ms late at their 99th percentile, ${bound} at most`]
      : []),
    ...(notSent > 0 ? [`${notSent} arrivals were not sent: too much was under way`] : []),
    ...(notRemembered > 0 ? [`${notRemembered} accepted tasks were not asked for: there were too many`] : []),
    ...(isBrokenOff ? ['it was broken off'] : []),
  ]
}

/** Whether a run is as it should be: it counts, and no level was missed. Pure. */
export function isGood({ void: reasons, levels }: Pick<LoadResult, 'void' | 'levels'>): boolean {
  return reasons.length === 0 && levels.every(({ judgement }) => judgement !== 'missed')
}

function codesText(kinds: readonly KindResult[]): string {
  const codes = new Map<string, number>()
  for (const { errors } of kinds)
    for (const [code, count] of Object.entries(errors)) codes.set(code, (codes.get(code) ?? 0) + count)
  const most = [...codes].toSorted((a, b) => b[1] - a[1]).slice(0, 4)
  return most.map(([code, count]) => `${code} ${count}`).join(', ')
}

function percent(share: number): number {
  return Number((share * 100).toFixed(3))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
