import { orderOf } from '../random-load.ts'
import type { HandlerNote, History, Violation } from './history.ts'
import { type AcceptedTask, type IndexedHistory, isOver, stateOf } from './indexed-history.ts'

/** Clocks of one machine: a handler may seem to begin so much before the log had what it needs. */
const CLOCK_MS = 100
/** A step that waited for longer is asked about before it is run. */
const RUNS_ON_MS = 8000
/** Of one type of agent in one process, as the agent of the campaign says. */
const CONCURRENCY = 8
/** Instances that may have the same attempt in hand at once, when everything goes wrong at once. */
const MAX_AT_ONCE = 3

/** 3, 4 and the promises about runs of handlers: told from what handlers wrote down themselves. */
export function checkRuns(indexed: IndexedHistory): Violation[] {
  const found: Violation[] = []
  for (const task of indexed.accepted.values()) {
    const faults = [
      ...faultsOfAttempts(task),
      ...(task.isRewound ? [] : faultsOfOrder(task)),
      ...(task.isRewound ? [] : faultsAfterEnd(task, indexed.history)),
    ]
    found.push(...faults.map(([rule, what]) => ({ rule, taskId: task.id, what })))
  }
  return [...found, ...checkOverlaps(indexed.history)]
}

type Fault = [rule: string, what: string]

function faultsOfAttempts(task: AcceptedTask): Fault[] {
  const faults: Fault[] = []
  for (const { id, retry } of task.steps) {
    const starts = task.handlers.filter(({ kind, stepId }) => kind === 'start' && stepId === id)
    const most = retry?.maxAttempts ?? 3
    const highest = Math.max(0, ...starts.map(({ attempt }) => attempt))
    if (highest > most) faults.push(['4', `step ${id} was run at attempt ${highest} of ${most}`])
    if (task.isRewound) continue
    const firsts = new Map<number, number>()
    for (const { attempt, atMs } of starts)
      firsts.set(attempt, Math.min(atMs, firsts.get(attempt) ?? Number.POSITIVE_INFINITY))
    for (const [attempt, atMs] of firsts) {
      const nextMs = firsts.get(attempt + 1)
      if (nextMs !== undefined && atMs > nextMs + CLOCK_MS)
        faults.push([
          '4',
          `step ${id}: attempt ${attempt} began ${atMs - nextMs} ms after attempt ${attempt + 1}`,
        ])
    }
  }
  return faults
}

/** What a step needs was settled in the log before it was run. */
function faultsOfOrder(task: AcceptedTask): Fault[] {
  const state = stateOf(task)
  if (!state) return []
  return task.steps.flatMap(({ id, needs = [] }): Fault[] => {
    const start = task.handlers.find(({ kind, stepId }) => kind === 'start' && stepId === id)
    if (!start) return []
    return needs.flatMap((need): Fault[] => {
      const { status, attempt } = state.steps[need] ?? { status: 'none', attempt: 0 }
      if (status === 'failed') return []
      if (status !== 'completed') return [['3', `step ${id} was run, and ${need} before it is ${status}`]]
      const result = task.events.find(({ kind, body }) => {
        const { stepId, attempt: of } = body as { stepId?: unknown; attempt?: unknown }
        return kind === 'result' && stepId === need && of === attempt
      })
      return result && result.atMs <= start.atMs + CLOCK_MS
        ? []
        : [['3', `step ${id} was run before the log had the result of ${need}`]]
    })
  })
}

/** Work that outlives its owner. */
function faultsAfterEnd(task: AcceptedTask, history: History): Fault[] {
  const state = stateOf(task)
  if (!state || !isOver(state.status)) return []
  const fromMs = Math.max(state.finishedAtMs ?? 0, history.healedAtMs) + RUNS_ON_MS
  return task.handlers
    .filter(({ kind, atMs }) => kind === 'start' && atMs > fromMs)
    .map(({ stepId, attempt, atMs }) => [
      '4',
      `step ${stepId} attempt ${attempt} was begun ${atMs - (state.finishedAtMs ?? 0)} ms after the task had ended`,
    ])
}

interface Moment {
  atMs: number
  change: 1 | -1
  run: HandlerNote
}

/** Runs of the same attempt in one process, runs of one attempt everywhere, and runs of one agent in one process. */
function checkOverlaps(history: History): Violation[] {
  const moments = momentsOf(history)
  const at = {
    attempt: mostAtOnce(
      moments,
      ({ pid, taskId, stepId, attempt }) => `${pid} ${taskId}:${stepId}:${attempt}`,
    ),
    everywhere: mostAtOnce(moments, ({ taskId, stepId, attempt }) => `${taskId}:${stepId}:${attempt}`),
    agent: mostAtOnce(moments, ({ pid, instance, agent }) => `${agent} of ${instance} (${pid})`),
  }
  const over = (most: Map<string, number>, limit: number, say: (key: string, n: number) => string) =>
    [...most].flatMap(([key, n]) => (n > limit ? [{ rule: 'B1', what: say(key, n) }] : []))
  return [
    ...over(at.attempt, 1, (key, n) => `process ${key} was run ${n} times beside itself`),
    ...over(at.everywhere, MAX_AT_ONCE, (key, n) => `${key} was run ${n} times at once`),
    ...over(at.agent, CONCURRENCY, (key, n) => `${key} ran ${n} steps at once, ${CONCURRENCY} are its limit`),
  ]
}

/** Beginnings and ends of runs in their order. A run ends with its process at the latest. */
function momentsOf({ handlers, processes, endedAtMs }: History): Moment[] {
  const deaths = new Map(processes.flatMap(({ kind, pid, atMs }) => (kind === 'ended' ? [[pid, atMs]] : [])))
  const open = new Map<string, HandlerNote[]>()
  const moments: Moment[] = []
  for (const note of handlers) {
    const key = `${note.pid} ${note.taskId}:${note.stepId}:${note.attempt}`
    if (note.kind === 'start') {
      open.set(key, [...(open.get(key) ?? []), note])
      moments.push({ atMs: note.atMs, change: 1, run: note })
    } else if (note.kind === 'end') {
      const run = open.get(key)?.shift()
      if (run) moments.push({ atMs: note.atMs, change: -1, run })
    }
  }
  for (const run of [...open.values()].flat())
    moments.push({ atMs: deaths.get(run.pid) ?? endedAtMs, change: -1, run })
  return moments.sort((a, b) => a.atMs - b.atMs || a.change - b.change)
}

function mostAtOnce(moments: readonly Moment[], keyOf: (run: HandlerNote) => string): Map<string, number> {
  const now = new Map<string, number>()
  const most = new Map<string, number>()
  for (const { change, run } of moments) {
    const key = keyOf(run)
    const count = (now.get(key) ?? 0) + change
    now.set(key, count)
    if (count > (most.get(key) ?? 0)) most.set(key, count)
  }
  return most
}

/** Steps that are told to take their process down. */
export function isPoison(task: AcceptedTask, stepId: string): boolean {
  const step = task.steps.find(({ id }) => id === stepId)
  return step !== undefined && orderOf(step)?.behaviour === 'poison'
}
