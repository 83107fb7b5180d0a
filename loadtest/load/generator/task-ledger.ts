import type { TaskState, TaskStatus } from '../../../schemas/task.ts'
import { isTerminal } from '../../../schemas/task.ts'
import { Latencies } from '../measure/latencies.ts'
import { type Phases, phasesOf } from '../measure/phases.ts'
import type { ExpectedEnd, TaskKind } from '../users/action.ts'

/** A task that was accepted, and how it was to end. */
export interface Entry {
  readonly kind: TaskKind
  readonly ends: ExpectedEnd
}

/** What became of all tasks of one kind. */
export interface KindOutcome {
  readonly kind: TaskKind
  readonly accepted: number
  /** Ended as they were to. */
  readonly asExpected: number
  /** Ended otherwise, by status and code. */
  readonly otherwise: Readonly<Record<string, number>>
  /** Not over when there was no more time to wait. */
  readonly open: number
  /** Accepted, and unknown when they were asked for. */
  readonly lost: number
  /** Where their time went, of those that have ended. HdrHistograms in base64. */
  readonly phases: Readonly<Record<keyof Phases, string>>
}

/** Some are named, so that somebody can look. */
const MAX_NAMED = 20
/** What a generator remembers: 100 bytes each. A run of eight hours at 50 tasks a second has 1.4 million. */
const MAX_ENTRIES = 2_000_000
/** When reports ended is kept of so many: a run has thousands. */
const MAX_ENDS = 200_000
const REPORTS: ReadonlySet<TaskKind> = new Set(['small report', 'large report'])
const PHASES = ['queueMs', 'runMs', 'orchestrationMs', 'totalMs'] as const

interface OpenOutcome {
  accepted: number
  asExpected: number
  otherwise: Record<string, number>
  lost: number
  phases: Record<keyof Phases, Latencies>
}

/** Every task that was accepted: each is asked for at the end, and nothing is taken for granted. */
export class TaskLedger {
  readonly #open = new Map<string, Entry>()
  readonly #kinds = new Map<TaskKind, OpenOutcome>()
  readonly lostIds: string[] = []
  /** When reports ended, by the tasks' own timestamps. Unix ms, in no order. */
  readonly reportEndsAtMs: number[] = []
  /** Beyond what can be remembered: counted as accepted, asked for by nobody. */
  notRemembered = 0

  accept(taskId: string, entry: Entry): void {
    // The same submission once more is the same task.
    if (this.#open.has(taskId)) return
    this.#of(entry.kind).accepted++
    if (this.#open.size < MAX_ENTRIES) this.#open.set(taskId, entry)
    else this.notRemembered++
  }

  /** Those that nobody has settled yet. */
  get openIds(): string[] {
    return [...this.#open.keys()]
  }

  get accepted(): number {
    return [...this.#kinds.values()].reduce((sum, { accepted }) => sum + accepted, 0)
  }

  /** What an answer to the question after a task says. @returns whether it is over */
  settle(taskId: string, task: TaskState): boolean {
    const entry = this.#open.get(taskId)
    if (!entry || !isTerminal(task.status)) return false
    const outcome = this.#of(entry.kind)
    if (isExpected(entry.ends, task.status)) outcome.asExpected++
    else {
      const how = `${task.status} ${task.error?.code ?? ''}`.trim()
      outcome.otherwise[how] = (outcome.otherwise[how] ?? 0) + 1
    }
    if (REPORTS.has(entry.kind) && task.finishedAtMs !== undefined && this.reportEndsAtMs.length < MAX_ENDS)
      this.reportEndsAtMs.push(task.finishedAtMs)
    const phases = phasesOf(task)
    if (phases) for (const name of PHASES) outcome.phases[name].record(phases[name])
    this.#open.delete(taskId)
    return true
  }

  /** It was accepted, and nobody knows it. */
  markLost(taskId: string): void {
    const entry = this.#open.get(taskId)
    if (!entry) return
    this.#of(entry.kind).lost++
    if (this.lostIds.length < MAX_NAMED) this.lostIds.push(taskId)
    this.#open.delete(taskId)
  }

  get outcomes(): KindOutcome[] {
    const open = Map.groupBy(this.#open.values(), ({ kind }) => kind)
    return [...this.#kinds].map(([kind, { phases, ...outcome }]) => ({
      kind,
      ...outcome,
      open: open.get(kind)?.length ?? 0,
      phases: Object.fromEntries(PHASES.map((name) => [name, phases[name].encoded])) as KindOutcome['phases'],
    }))
  }

  #of(kind: TaskKind): OpenOutcome {
    let outcome = this.#kinds.get(kind)
    if (!outcome) {
      const phases = Object.fromEntries(PHASES.map((name) => [name, Latencies.empty()]))
      outcome = {
        accepted: 0,
        asExpected: 0,
        otherwise: {},
        lost: 0,
        phases: phases as OpenOutcome['phases'],
      }
      this.#kinds.set(kind, outcome)
    }
    return outcome
  }
}

function isExpected(ends: ExpectedEnd, status: TaskStatus): boolean {
  return ends === 'any' || ends === status
}
