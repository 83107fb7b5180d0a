import type { JsonValue } from '#schemas/json.ts'
import type { LogEvent, TaskAccepted } from '#schemas/log-event.ts'
import { isBasicPlan, type Step } from '#schemas/plan.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Command, Decision } from '#workflow/decide/commands.ts'
import { type decide, nextDueMs } from '#workflow/decide/decide.ts'
import { runStateOf, runsOf } from '#workflow/decide/find-run.ts'

export type Decide = typeof decide

/** One event with what was made of it. */
export interface Turn {
  event: LogEvent
  before: TaskState | undefined
  after: TaskState | undefined
  commands: Command[]
  kept?: Decision['kept']
  dropped?: Decision['dropped']
}

export interface Troubles {
  /** Chances, 0 to 1. */
  dropped: number
  doubled: number
  late: number
  retries: number
  fails: number
  /** Attempts that take their process down. */
  crashes: number
  /** Attempts that run long enough for their start to be told. */
  long: number
  noise: number
  cancel: number
  /** Outputs that go to the object store. */
  stored?: number
}

const START_MS = 1_790_000_000_000
const OPTIONS = { keepFinishedMs: 86_400_000 }
const MAX_TURNS = 5000
/** After the end the world goes on for a while, with events that must change nothing. */
const TURNS_AFTER_END = 12
const MAX_AWAY_MS = 50
const STORED: JsonValue = {
  $json: { blob: 'outputs/a.json', size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' },
}
const CRASHED: StepOutcome = {
  kind: 'retry',
  error: { code: 'AGENT_CRASHED', message: 'its process ended' },
}

/**
 * A world around `decide`: it carries out the commands of one task, answers with random outcomes, loses, doubles, delays
 * and reorders what agents say, and fires each timer when it is due. What comes out is the log with every decision.
 */
export class SimulatedTask {
  readonly turns: Turn[] = []
  readonly #decide: Decide
  readonly #troubles: Troubles
  readonly #chance: () => number
  readonly #accepted: TaskAccepted
  /** What is on its way into the log. */
  #pending: { atMs: number; event: EventOf }[] = []
  #state: TaskState | undefined
  /** What stands beside the state, by run id. */
  readonly #kept = new Map<string, JsonValue>()
  #nowMs = START_MS
  #seq = 0

  constructor(accepted: TaskAccepted, about: { troubles: Troubles; seed: number; decide: Decide }) {
    this.#accepted = accepted
    this.#troubles = about.troubles
    this.#chance = randomNumbers(about.seed)
    this.#decide = about.decide
  }

  /** Runs until the task has ended and what was still on its way has arrived. @throws Error when it never ends */
  run(): Turn[] {
    this.#append({ kind: 'accepted', body: this.#accepted })
    let afterEnd = 0
    while (afterEnd < TURNS_AFTER_END) {
      if (this.turns.length > MAX_TURNS) throw new Error('the task does not end')
      const ended = this.#state !== undefined && isTerminal(this.#state.status)
      if (ended) afterEnd++
      // Noise takes time, and must not hold up a timer that is due.
      const isDue = (nextDueMs(this.#state!) ?? Number.POSITIVE_INFINITY) <= this.#nowMs
      if (ended || (!isDue && this.#happens(this.#troubles.noise))) this.#makeNoise()
      else this.#advance()
    }
    return this.turns
  }

  /** Whatever comes first: something arrives, or a timer is due. */
  #advance(): void {
    const { taskId } = this.#accepted
    const dueMs = nextDueMs(this.#state!) ?? Number.POSITIVE_INFINITY
    this.#pending.sort((a, b) => a.atMs - b.atMs)
    const next = this.#pending[0]
    // Whoever fires the timers may be away for a moment.
    const firedMs = this.#happens(0.2) ? dueMs + MAX_AWAY_MS : dueMs
    if (next && next.atMs < firedMs && this.#nowMs < firedMs) {
      this.#pending.shift()
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      this.#append(next.event)
      return
    }
    if (!Number.isFinite(dueMs)) throw new Error('nothing can happen any more, and the task has not ended')
    this.#nowMs = Math.max(this.#nowMs, dueMs)
    this.#append({ kind: 'timer', body: { v: 1, taskId, dueMs } })
  }

  #makeNoise(): void {
    const noise = this.#noise()
    if (noise) this.#append(noise)
  }

  /** Events that nobody asked for: old ones once more, timers too early, results of steps and attempts that never were. */
  #noise(): EventOf | undefined {
    const { taskId, plan } = this.#accepted
    const runId = plan.steps.every(isPlain) ? plan.steps[this.#below(plan.steps.length)]!.id : this.#anyRun()
    const attempt = 1 + this.#below(4)
    switch (this.#below(10)) {
      case 0:
        return { kind: 'accepted', body: this.#accepted }
      case 1:
        return { kind: 'timer', body: { v: 1, taskId, dueMs: this.#nowMs - this.#below(50) } }
      case 2:
        return this.#result('never-was', attempt, this.#outcome('never-was', attempt))
      case 3: {
        const ahead = ((this.#state && runStateOf(this.#state, runId))?.attempt ?? 0) + 1
        return this.#result(runId, ahead, this.#outcome(runId, ahead))
      }
      case 4: {
        const earlier = this.turns[this.#below(this.turns.length)]!.event
        return earlier.kind === 'control' ? undefined : eventOf(earlier)
      }
      case 5:
        return { kind: 'timer', body: { v: 1, taskId, dueMs: this.#nowMs + this.#below(600_000) } }
      case 6:
        return this.#started(runId, attempt, 'a-1')
      case 7:
        return this.#released(runId, attempt, 'a-1')
      case 8:
        return this.#pending.splice(this.#below(this.#pending.length || 1), 1)[0]?.event
      default:
        if (!this.#happens(this.#troubles.cancel)) return undefined
        return { kind: 'control', body: { v: 1, taskId, action: 'cancel' } }
    }
  }

  #append(about: EventOf): void {
    const event = { ...about, atMs: this.#nowMs, seq: ++this.#seq } as LogEvent
    const before = this.#state
    const { state, commands, kept, dropped } = this.#decide(before, event, OPTIONS)
    this.#state = state
    this.turns.push({
      event,
      before,
      after: state,
      commands,
      ...(kept && { kept }),
      ...(dropped && { dropped }),
    })
    for (const { stepId, index, outcome } of kept ?? [])
      this.#kept.set(
        `${stepId}.${index}`,
        'output' in outcome ? outcome.output : { error: outcome.error.code },
      )
    for (const command of commands) {
      if (command.kind === 'DispatchStep') this.#execute(command)
      else if (command.kind === 'StartChild') this.#execute(command, { crashes: 0, long: 0 })
      else if (command.kind === 'Evaluate') this.#evaluate(command)
    }
    if (event.kind !== 'timer') this.#nowMs += this.#below(3)
  }

  /**
   * An agent takes the attempt, and its answer makes its way back: or not, or twice, or far too late. Of those that run long the
   * start is told; they may be handed back to be run by somebody else, and their process may die under them.
   */
  #execute({ stepId, attempt }: { stepId: string; attempt: number }, about: Partial<Troubles> = {}): void {
    const { dropped, doubled, late, crashes, long } = { ...this.#troubles, ...about }
    if (this.#happens(dropped)) return
    let atMs = this.#nowMs
    const later = (event: EventOf, timeoutMs: number) => {
      atMs += this.#below(timeoutMs)
      this.#pending.push({ atMs, event })
    }
    while (this.#happens(long)) {
      const instance = `a-${this.#below(3)}`
      later(this.#started(stepId, attempt, instance), 20)
      if (this.#happens(0.3)) later(this.#released(stepId, attempt, instance), 50)
      else break
    }
    // Taken, and never heard of again.
    if (this.#happens(dropped)) return
    const event = this.#result(
      stepId,
      attempt,
      this.#happens(crashes) ? CRASHED : this.#outcome(stepId, attempt),
    )
    const answer = () => later(event, this.#happens(late) ? 5000 : 20)
    answer()
    if (this.#happens(doubled)) answer()
  }

  /** The orchestrator itself answers: sooner or later, sometimes twice, and not without the first time that the objects are away. */
  #evaluate({ stepId, attempt }: { stepId: string; attempt: number }): void {
    const [step, part] = stepId.split('.') as [string, string]
    const error = { code: 'UNAVAILABLE', message: 'no objects' }
    const outcome: StepOutcome =
      attempt === 1 && this.#happens(this.#troubles.retries)
        ? { kind: 'retry', error }
        : { kind: 'done', output: this.#value(step, part) }
    const event = this.#result(stepId, attempt, outcome)
    for (let times = this.#happens(this.#troubles.doubled) ? 2 : 1; times > 0; times--)
      this.#pending.push({ atMs: this.#nowMs + this.#below(20), event })
  }

  #value(stepId: string, part: string): JsonValue {
    if (part === 'items') return { total: this.#below(6) }
    if (part !== 'outputs') return this.#happens(0.5)
    const total = this.#state!.steps[stepId]!.items!.total
    return Array.from({ length: total }, (_, index) => {
      const kept = this.#kept.get(`${stepId}.${index}`)
      if (kept === undefined) throw new Error(`the outcome of ${stepId}.${index} was not kept`)
      return kept
    })
  }

  /** A run that is out, if there is one; or any name. */
  #anyRun(): string {
    const runs = this.#state ? runsOf(this.#state) : []
    if (runs.length === 0) return 'never-was'
    return runs[this.#below(runs.length)]![0]
  }

  #started(stepId: string, attempt: number, instance: string): EventOf {
    const { taskId } = this.#accepted
    const about = { instance, bornAtMs: START_MS, alone: this.#happens(0.5) }
    return { kind: 'started', body: { v: 1, taskId, stepId, attempt, ...about } }
  }

  #released(stepId: string, attempt: number, instance: string): EventOf {
    return { kind: 'released', body: { v: 1, taskId: this.#accepted.taskId, stepId, attempt, instance } }
  }

  #outcome(stepId: string, attempt: number): StepOutcome {
    const { retries, fails } = this.#troubles
    const error = { code: 'STEP_FAILED', message: `${stepId} did not work` }
    if (this.#happens(fails)) return { kind: 'fail', error }
    if (this.#happens(retries)) {
      if (this.#happens(0.1)) return { kind: 'retry', error: { ...error, code: 'QUEUE_TIMEOUT' } }
      return this.#happens(0.3)
        ? { kind: 'retry', error, afterMs: this.#below(100) }
        : { kind: 'retry', error }
    }
    const { stored = 0 } = this.#troubles
    if (stored > 0 && this.#happens(stored)) return { kind: 'done', output: STORED }
    return { kind: 'done', output: { stepId, attempt } }
  }

  #result(stepId: string, attempt: number, outcome: StepOutcome): EventOf {
    const { taskId } = this.#accepted
    const ran = { instance: 'a-1', startedAtMs: this.#nowMs, finishedAtMs: this.#nowMs }
    return { kind: 'result', body: { v: 1, taskId, stepId, attempt, ...ran, outcome } }
  }

  #below(limit: number): number {
    return Math.floor(this.#chance() * limit)
  }

  #happens(probability: number): boolean {
    return this.#chance() < probability
  }
}

function isPlain(step: Step): boolean {
  return isBasicPlan({ steps: [step] })
}

type WithoutPlace<Event> = Event extends LogEvent ? Omit<Event, 'atMs' | 'seq'> : never
type EventOf = WithoutPlace<LogEvent>

function eventOf({ kind, body }: LogEvent): EventOf {
  return { kind, body } as EventOf
}

/** mulberry32: the same seed gives the same numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
