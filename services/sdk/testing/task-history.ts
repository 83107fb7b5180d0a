import type { LogEvent, TaskControl } from '#schemas/log-event.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { TaskEvent, TaskEventKind } from '#schemas/task-event.ts'
import { TestEnvironmentError } from './test-environment-error.ts'

/** One thing that happened to a task. */
export interface HistoryEntry {
  /** Virtual time. Unix milliseconds, and as ISO 8601. */
  atMs: number
  at: string
  /**
   * An event of the log (`accepted`, `started`, `result`, `control`, `timer`), what followed from it (`dispatched`, `child`, `dead-letter`,
   * `late`: it changed nothing), or what watchers are told.
   */
  kind: LogEvent['kind'] | TaskEventKind | 'dispatched' | 'child' | 'dead-letter' | 'late'
  /** The step, or its run: `resize.17`, `charge.fallback`. */
  stepId?: string
  attempt?: number
  /** For people. */
  text: string
}

/** Of all tasks of an environment: a plan that goes round and round for ever is told so before the memory is full. */
const MAX_ENTRIES = 500_000

type Entry = Omit<HistoryEntry, 'at' | 'atMs'>

/** What happened to each task, in order. */
export class TaskHistory {
  readonly #entries = new Map<string, HistoryEntry[]>()
  readonly #nowMs: () => number
  #count = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** @throws TestEnvironmentError when there is more than a test can want */
  add(taskId: string, entry: Entry): void {
    if (++this.#count > MAX_ENTRIES)
      throw new TestEnvironmentError(`more than ${MAX_ENTRIES} things have happened: does the plan ever end?`)
    const atMs = this.#nowMs()
    const entries = this.#entries.get(taskId) ?? []
    this.#entries.set(taskId, entries)
    entries.push({ atMs, at: new Date(atMs).toISOString(), ...entry })
  }

  /** A copy. */
  of(taskId: string): HistoryEntry[] {
    return (this.#entries.get(taskId) ?? []).map((entry) => ({ ...entry }))
  }
}

/** An event of the log, as an entry. Pure. */
export function eventEntry(event: LogEvent): Entry {
  const { kind, body } = event
  if (kind === 'accepted')
    return { kind, text: `accepted with ${body.plan.steps.length} steps, for at most ${body.deadlineMs} ms` }
  if (kind === 'timer') return { kind, text: 'a moment has come' }
  if (kind === 'control') return { kind, ...controlEntry(body) }
  const { stepId, attempt } = body
  if (kind === 'result')
    return {
      kind,
      stepId,
      attempt,
      text: `${stepId}, attempt ${attempt}: ${outcomeText(event.body.outcome)}`,
    }
  const what = kind === 'started' ? 'has been running for a while' : 'was handed back'
  return { kind, stepId, attempt, text: `${stepId}, attempt ${attempt}, ${what}` }
}

/** What watchers are told, as an entry. Pure. */
export function toldEntry({ kind, stepId, attempt, fraction, note, error }: TaskEvent): Entry {
  const about = [
    stepId ?? 'the task',
    kind.replace(/^step-/, ''),
    ...(fraction === undefined ? [] : [`${Math.round(fraction * 100)} %`]),
  ].join(' ')
  const why = [note, error && `${error.code} ${error.message}`].filter((part) => part !== undefined)
  return {
    kind,
    ...(stepId !== undefined && { stepId }),
    ...(attempt !== undefined && { attempt }),
    text: [about, ...why].join(': '),
  }
}

function controlEntry(body: TaskControl): { stepId?: string; attempt?: number; text: string } {
  if (body.action === 'signal') return { text: `signal "${body.name}" (${body.id})` }
  if (body.action === 'approval') {
    const { stepId, attempt, decision, by } = body
    return { stepId, attempt, text: `${stepId}: ${decision} by ${by}` }
  }
  if (body.action === 'hand-on') {
    const { stepId, attempt, to, by } = body
    return { stepId, attempt, text: `${stepId}: handed on to ${to.join(', ')} by ${by}` }
  }
  const reason = 'reason' in body && body.reason !== undefined ? `: ${body.reason}` : ''
  return { text: `${body.action}${reason}` }
}

function outcomeText(outcome: StepOutcome): string {
  if (outcome.kind === 'done') return 'done'
  const { code, message } = outcome.error
  return `${outcome.kind === 'retry' ? 'did not work this time' : 'failed'}: ${code} ${message}`
}
