import type { RunState, StepState, TaskState } from '#schemas/task.ts'
import type { AttemptRecord } from './attempts.ts'

/** A piece of a row: `queue` is the time until somebody began, `run` the work, `backoff` the time to the next attempt, `wait` anything else. */
export interface Bar {
  readonly kind: 'queue' | 'run' | 'backoff' | 'wait'
  readonly fromMs: number
  /** Undefined: it goes on. */
  readonly toMs: number | undefined
  readonly outcome: 'ok' | 'bad' | 'open' | 'quiet'
  readonly label: string
}

export interface WaterfallRow {
  readonly id: string
  readonly stepId: string
  /** 0 for a step, 1 for one of its runs. */
  readonly depth: number
  readonly status: StepState['status']
  readonly bars: readonly Bar[]
  /** Of a list that is folded: how many of how many. */
  readonly count?: string
}

/** Runs of a list that are shown one by one when it is opened; the rest is a count. */
export const MAX_RUNS = 200

/**
 * Rows of the waterfall, in the order of the plan. Attempts come from the log where it was read, else the last one from the state.
 * @param open steps whose runs are shown
 */
export function waterfallRows(
  { plan, steps, startAtMs, finishedAtMs }: Pick<TaskState, 'plan' | 'steps' | 'startAtMs' | 'finishedAtMs'>,
  attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined,
  open: ReadonlySet<string>,
): WaterfallRow[] {
  return plan.steps.flatMap(({ id, needs }) => {
    const state = steps[id]
    if (!state) return []
    const runs = [...new Set([...Object.keys(state.runs ?? {}), ...runNames(attempts, id)])]
    const own: WaterfallRow = {
      id,
      stepId: id,
      depth: 0,
      status: state.status,
      bars: state.items
        ? spanOf(state, id, attempts, runs, {
            // A list says itself neither when it began nor, in old states, when it ended.
            fromMs: Math.max(startAtMs, ...(needs ?? []).map((need) => steps[need]?.finishedAtMs ?? 0)),
            toMs: state.finishedAtMs ?? finishedAtMs,
          })
        : runs.length > 0
          ? spanOf(state, id, attempts, runs)
          : barsOf(state, attempts?.get(id)),
      ...(state.items && { count: `${state.items.completed + state.items.failed}/${state.items.total}` }),
    }
    if (!open.has(id)) return [own]
    const rows = runs.slice(0, MAX_RUNS).map((name): WaterfallRow => {
      const run = state.runs?.[name]
      const records = attempts?.get(`${id}.${name}`)
      return {
        id: `${id}.${name}`,
        stepId: id,
        depth: 1,
        status: run?.status ?? records?.at(-1)?.status ?? 'completed',
        bars: run && !records ? barsOf(run, undefined) : (records ?? []).flatMap(barsOfAttempt),
      }
    })
    return [own, ...rows]
  })
}

function runNames(
  attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined,
  stepId: string,
): string[] {
  if (!attempts) return []
  const prefix = `${stepId}.`
  return [...attempts.keys()]
    .filter((runId) => runId.startsWith(prefix))
    .map((runId) => runId.slice(prefix.length))
}

/** Of a step of several runs: from the first to the last of them. */
function spanOf(
  state: StepState,
  stepId: string,
  attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined,
  runs: readonly string[],
  known?: { fromMs: number; toMs: number | undefined },
): Bar[] {
  const records = runs.flatMap((name) => attempts?.get(`${stepId}.${name}`) ?? [])
  const open = Object.values(state.runs ?? {})
  const starts = [
    ...records.map(({ queuedAtMs }) => queuedAtMs),
    ...open.map((run) => run.dispatchedAtMs),
  ].filter((ms) => ms !== undefined)
  if (starts.length === 0 && (!known || state.status === 'waiting')) return barsOf(state, undefined)
  const ends = records.map(({ finishedAtMs }) => finishedAtMs).filter((ms) => ms !== undefined)
  const isOver =
    state.finishedAtMs !== undefined || ['completed', 'failed', 'cancelled'].includes(state.status)
  return [
    {
      kind: 'run',
      fromMs: starts.length > 0 ? minOf(starts) : known!.fromMs,
      toMs: isOver ? (known?.toMs ?? maxOf([...ends, ...starts])) : undefined,
      outcome: outcomeOf(state.status),
      label: `${state.items?.total ?? runs.length} runs`,
    },
  ]
}

/** Not by arguments: there may be as many as a list has items. */
function minOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
}

function maxOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
}

function barsOf(run: RunState & Partial<StepState>, records: readonly AttemptRecord[] | undefined): Bar[] {
  if (records && records.length > 0) return records.flatMap(barsOfAttempt)
  const bars: Bar[] = []
  const began = run.startedAtMs ?? run.run?.sinceMs
  const isOver = ['completed', 'failed', 'cancelled', 'skipped', 'backoff'].includes(run.status)
  if (run.waitingSinceMs !== undefined)
    bars.push({
      kind: 'wait',
      fromMs: run.waitingSinceMs,
      toMs: isOver ? (run.finishedAtMs ?? run.waitingSinceMs) : undefined,
      outcome: isOver ? outcomeOf(run.status) : 'open',
      label: run.status,
    })
  if (
    run.dispatchedAtMs !== undefined &&
    (began === undefined || began > run.dispatchedAtMs) &&
    !(isOver && began === undefined)
  )
    bars.push({
      kind: 'queue',
      fromMs: run.dispatchedAtMs,
      toMs: began,
      outcome: 'quiet',
      label: 'in the queue',
    })
  if (began !== undefined)
    bars.push({
      kind: 'run',
      fromMs: began,
      toMs: isOver ? (run.finishedAtMs ?? began) : undefined,
      outcome: outcomeOf(run.status),
      label: `attempt ${run.attempt}${run.instance ? ` on ${run.instance}` : ''}`,
    })
  if (run.status === 'backoff' && run.finishedAtMs !== undefined)
    bars.push({
      kind: 'backoff',
      fromMs: run.finishedAtMs,
      toMs: run.retryAtMs,
      outcome: 'quiet',
      label: 'until the next attempt',
    })
  return bars
}

function barsOfAttempt(record: AttemptRecord): Bar[] {
  const { queuedAtMs, startedAtMs, finishedAtMs, attempt, instance, retryAtMs } = record
  const bars: Bar[] = []
  if (queuedAtMs !== undefined && (startedAtMs === undefined || startedAtMs > queuedAtMs))
    bars.push({
      kind: 'queue',
      fromMs: queuedAtMs,
      toMs: startedAtMs ?? finishedAtMs,
      outcome: 'quiet',
      label: 'in the queue',
    })
  if (startedAtMs !== undefined)
    bars.push({
      kind: 'run',
      fromMs: startedAtMs,
      toMs: finishedAtMs,
      outcome: record.error ? 'bad' : finishedAtMs === undefined ? 'open' : 'ok',
      label: `attempt ${attempt}${instance ? ` on ${instance}` : ''}${record.error ? `: ${record.error.code}` : ''}`,
    })
  if (retryAtMs !== undefined && finishedAtMs !== undefined)
    bars.push({
      kind: 'backoff',
      fromMs: finishedAtMs,
      toMs: retryAtMs,
      outcome: 'quiet',
      label: 'until the next attempt',
    })
  return bars
}

function outcomeOf(status: StepState['status']): Bar['outcome'] {
  if (status === 'completed') return 'ok'
  if (status === 'failed') return 'bad'
  return status === 'cancelled' || status === 'skipped' ? 'quiet' : 'open'
}

/** Round steps for an axis of so many milliseconds: some five to nine of them. Pure. */
export function axisTicks(spanMs: number, maxTicks = 8): number[] {
  if (spanMs <= 0) return [0]
  const steps = [1, 2, 5].flatMap((digit) => Array.from({ length: 9 }, (_, power) => digit * 10 ** power))
  const units = [
    ...steps.filter((ms) => ms < 1000),
    ...[
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800,
      2_592_000,
    ].map((s) => s * 1000),
  ]
  const step = units.toSorted((a, b) => a - b).find((ms) => spanMs / ms <= maxTicks) ?? spanMs
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, index) => index * step)
}
