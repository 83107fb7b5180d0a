import { systemClock } from '#platform/clock/clock.ts'
import type { HeldLock } from '#platform/locks/held-lock.ts'
import type { WaitOptions } from '#platform/locks/locks.ts'
import { MemoryLockStore } from '#platform/locks/memory-lock-store.ts'
import type { StepMessage, StepOutcome } from '#schemas/step-message.ts'
import { type TaskEvent, taskEventSchema } from '#schemas/task-event.ts'
import { type AbortReason, type AgentLog, StepAborted } from '../define-agent.ts'
import { outcomeOfThrown } from '../handle-step.ts'
import { runStep } from '../run-step.ts'
import { StepLocks, type StepLocksDeps } from '../step-locks.ts'
import type { AgentTable } from './agent-table.ts'
import type { MemoryObjects } from './memory-blobs.ts'
import { TestEnvironmentError } from './test-environment-error.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A runner tells of an attempt that has been running for so long. Milliseconds. */
const STARTED_AFTER_MS = 1000

/** An attempt that is in hand. */
export interface Attempt {
  readonly step: StepMessage
  readonly startedAtMs: number
  /** Nobody waits for it any more. */
  dropped: boolean
  /** Its start has been told. */
  told: boolean
  outcome?: StepOutcome
}

interface RunningAttempt extends Attempt {
  /** Since when it has not waited for virtual time, by the machine's monotonic clock. */
  activeSinceMs: number
  readonly controller: AbortController
  /** How many calls of the handler wait for virtual time. */
  resting: number
}

export interface AttemptsDeps {
  agents: AgentTable
  objects: MemoryObjects
  clock: VirtualClock
  /** How long a handler may take in real time without waiting for virtual time. Milliseconds. */
  realTimeoutMs: number
  /** Told of progress. */
  onEvent(event: TaskEvent): void
  logOf(step: StepMessage): AgentLog
}

/**
 * Attempts that handlers work on. Handlers run in real time, and virtual time stands still for them: an attempt is at rest when it has ended,
 * or waits for virtual time (`ctx.sleep`, a lock that others hold).
 */
export class Attempts {
  readonly #deps: AttemptsDeps
  readonly #lockStore: MemoryLockStore
  /** In the order in which they began. */
  readonly #running = new Set<RunningAttempt>()
  #owners = 0
  #wake = () => {}

  constructor(deps: AttemptsDeps) {
    this.#deps = deps
    this.#lockStore = new MemoryLockStore(deps.clock)
  }

  /** Hands an attempt to its agent. */
  begin(step: StepMessage): void {
    const attempt: RunningAttempt = {
      step,
      startedAtMs: this.#deps.clock.nowMs(),
      activeSinceMs: systemClock.monotonicMs(),
      controller: new AbortController(),
      dropped: false,
      told: false,
      resting: 0,
    }
    this.#running.add(attempt)
    void this.#run(attempt).then((outcome) => {
      attempt.outcome = outcome
      this.#wake()
    })
  }

  /** An attempt is over: its handler is told to end, and its outcome does not count. */
  drop(taskId: string, runId: string, number: number): void {
    for (const attempt of this.#running) {
      const { step } = attempt
      if (step.taskId === taskId && step.stepId === runId && step.attempt === number)
        this.#abort(attempt, 'dropped')
    }
  }

  /** Ends all of them, as an instance that stops. */
  stop(): void {
    for (const attempt of this.#running) this.#abort(attempt, 'instance-stops')
  }

  /**
   * Resolves when all are at rest. Those that have ended are given, in the order in which they began, and forgotten.
   * @throws TestEnvironmentError when one takes too long in real time
   */
  async atRest(): Promise<Attempt[]> {
    for (;;) {
      await turn()
      const active = this.#active()
      if (active.length === 0) {
        // What was woken in this turn may go on in the next.
        await turn()
        if (this.#active().length === 0) return this.#takeEnded()
      } else await this.#changed(active)
    }
  }

  /** Those whose start is to be told by now, and were not yet. */
  takeToTell(): Attempt[] {
    const nowMs = this.#deps.clock.nowMs()
    const found = [...this.#running].filter(
      (one) => isToTell(one) && one.startedAtMs + STARTED_AFTER_MS <= nowMs,
    )
    for (const attempt of found) attempt.told = true
    return found
  }

  /** When the next start is to be told. Unix ms */
  get nextToTellMs(): number {
    let next = Number.POSITIVE_INFINITY
    for (const one of this.#running)
      if (isToTell(one)) next = Math.min(next, one.startedAtMs + STARTED_AFTER_MS)
    return next
  }

  /** Whether attempts of one of these tasks wait for virtual time. */
  isInHand(taskIds: ReadonlySet<string>): boolean {
    return [...this.#running].some(({ step, dropped }) => !dropped && taskIds.has(step.taskId))
  }

  #active(): RunningAttempt[] {
    return [...this.#running].filter(({ outcome, resting }) => outcome === undefined && resting === 0)
  }

  #takeEnded(): Attempt[] {
    const ended = [...this.#running].filter(({ outcome }) => outcome !== undefined)
    for (const attempt of ended) this.#running.delete(attempt)
    return ended.filter(({ dropped }) => !dropped)
  }

  /** @throws TestEnvironmentError when the first of them has been at it for too long */
  async #changed(active: readonly RunningAttempt[]): Promise<void> {
    const { realTimeoutMs } = this.#deps
    const first = active.reduce((a, b) => (b.activeSinceMs < a.activeSinceMs ? b : a))
    const leftMs = first.activeSinceMs + realTimeoutMs - systemClock.monotonicMs()
    if (leftMs <= 0) throw hanging(first, realTimeoutMs)
    const over = new AbortController()
    this.#wake = () => over.abort()
    await systemClock.sleep(leftMs, over.signal)
  }

  #abort(attempt: RunningAttempt, reason: AbortReason): void {
    attempt.dropped = true
    attempt.controller.abort(new StepAborted(reason))
  }

  async #run(attempt: RunningAttempt): Promise<StepOutcome> {
    const { agents, objects, clock, onEvent, logOf } = this.#deps
    const { step, controller } = attempt
    try {
      const agent = agents.find(step.agent)
      await agents.start(agent)
      const { outcome } = await runStep(step, {
        agent,
        blobs: objects,
        bus: {
          publishCore: (_subject, payload) => {
            const event = taskEventSchema.safeParse(JSON.parse(String(payload)))
            if (event.success) onEvent(event.data)
          },
          // Nobody comes late here: what is emitted is in the history.
          serveSubject: () => () => {},
          call: () => Promise.reject(new Error('there is no orchestrator in a test environment')),
        },
        clock: { ...timesOf(clock), sleep: (ms, signal) => this.#rest(attempt, clock.sleep(ms, signal)) },
        timeouts: clock,
        locksOf: ({ tenant }) =>
          new RestingLocks(
            {
              ...{ store: this.#lockStore, clock, tenant },
              ...{ newOwner: () => `owner-${++this.#owners}`, random: () => 0.5 },
            },
            (waiting) => this.#rest(attempt, waiting),
          ),
        log: logOf(step),
        signal: controller.signal,
      })
      return outcome
    } catch (error) {
      return outcomeOfThrown(error)
    }
  }

  async #rest<T>(attempt: RunningAttempt, waiting: Promise<T>): Promise<T> {
    attempt.resting++
    this.#wake()
    try {
      return await waiting
    } finally {
      attempt.resting--
      attempt.activeSinceMs = systemClock.monotonicMs()
    }
  }
}

/** Locks for which a handler waits in virtual time. */
class RestingLocks extends StepLocks {
  readonly #rest: <T>(waiting: Promise<T>) => Promise<T>

  constructor(deps: StepLocksDeps, rest: <T>(waiting: Promise<T>) => Promise<T>) {
    super(deps)
    this.#rest = rest
  }

  override acquire(name: string, options?: WaitOptions): Promise<HeldLock> {
    return this.#rest(super.acquire(name, options))
  }
}

function isToTell({ told, dropped, outcome }: Attempt): boolean {
  return !told && !dropped && outcome === undefined
}

function timesOf({ nowMs, monotonicMs }: VirtualClock): Pick<VirtualClock, 'nowMs' | 'monotonicMs'> {
  return { nowMs, monotonicMs }
}

function hanging({ step }: Attempt, realTimeoutMs: number): TestEnvironmentError {
  return new TestEnvironmentError(
    `step "${step.stepId}" of task "${step.taskId}" (agent "${step.agent}", attempt ${step.attempt}) has not ended within ${realTimeoutMs} ms of real time, and virtual time stands still for it: a handler that is to take long waits with ctx.sleep(ms), which is virtual, and never for env.result or env.advance; one that needs longer really has a larger realTimeoutMs in createTestEnvironment`,
  )
}

/** Lets everything run that waits for what has just been resolved. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
