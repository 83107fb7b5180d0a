import type { Clock } from '../clock/clock.ts'
import type { Log } from '../telemetry/logger.ts'

/** A part of a service that is started and stopped with it. */
export interface Component {
  readonly name: string
  start?(): Promise<void> | void
  /** First phase of the end: take no new work. What is under way goes on. */
  quiesce?(deadline: Deadline): Promise<void> | void
  /** Second phase: finish what is under way, then let go of everything. */
  stop?(deadline: Deadline): Promise<void> | void
}

/** What went wrong while stopping. An empty list: everything ended in its own time. */
export type StopFault = {
  component: string
  phase: 'quiesce' | 'stop'
  reason: 'failed' | 'too slow'
  error?: unknown
}

export interface LifecycleOptions {
  log: Log
  clock: Clock
  /** Given to the whole of stopping, both phases together. */
  graceMs: number
}

/**
 *   new ──start──► starting ──► running ──quiesce──► quiesced
 *    │                │            │                     │
 *    │              fault          └────────stop─────────┤
 *    │                ▼                                  ▼
 *    └──stop──► (rolled back) ───────────────────►   stopped      once and for good
 *
 * Components start in the order they were added, each after the one before is up, and stop in reverse.
 * A component that does not stop before the deadline is left behind and named in the result.
 */
export class Lifecycle {
  readonly #components: Component[] = []
  readonly #started: Component[] = []
  readonly #options: LifecycleOptions
  #state: 'new' | 'starting' | 'running' | 'stopped' = 'new'
  #starting: Promise<void> | undefined
  #quiescing: Promise<StopFault[]> | undefined
  #stopping: Promise<StopFault[]> | undefined

  constructor(options: LifecycleOptions) {
    this.#options = options
  }

  /** Adds a component that needs those added before it. Gives it back, for use in place. */
  add<C extends Component>(component: C): C {
    if (this.#state !== 'new') throw new Error(`${component.name} was added after the start`)
    this.#components.push(component)
    return component
  }

  get isRunning(): boolean {
    return this.#state === 'running' && this.#quiescing === undefined && this.#stopping === undefined
  }

  /** Starts all. When one fails, those already up are stopped again and its error is thrown. */
  start(): Promise<void> {
    if (this.#state !== 'new') throw new Error('a lifecycle starts once')
    this.#state = 'starting'
    this.#starting = this.#startAll()
    return this.#starting
  }

  /** All components stop taking new work, while what is under way goes on. `stop` does it too; twice is once. */
  quiesce(): Promise<StopFault[]> {
    this.#quiescing ??= this.#withDeadline((deadline) => this.#runPhase('quiesce', deadline))
    return this.#quiescing
  }

  /** Both phases, within the grace period. Every call gets the same promise; it never rejects. */
  stop(): Promise<StopFault[]> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #startAll(): Promise<void> {
    try {
      for (const component of this.#components) {
        if (this.#stopping) throw new Error('stopped while it was starting')
        // Before its start: a component that fails half-way has something to let go of as well.
        this.#started.push(component)
        await component.start?.()
        this.#options.log.debug({ component: component.name }, 'component started')
      }
      this.#state = 'running'
    } catch (error) {
      await this.#rollBack()
      throw error
    }
  }

  async #rollBack(): Promise<void> {
    // A stop that came in the meantime is waiting for the start to end, and then does the same itself.
    if (this.#stopping) return
    this.#stopping = this.#withDeadline((deadline) => this.#runBothPhases(deadline))
    await this.#stopping
  }

  #stopAll(): Promise<StopFault[]> {
    return this.#withDeadline(async (deadline) => {
      // A failed start throws at whoever called it; here it only matters that it is over.
      await deadline.race(() => Promise.allSettled([this.#starting]).then(() => undefined))
      return this.#runBothPhases(deadline)
    })
  }

  async #runBothPhases(deadline: Deadline): Promise<StopFault[]> {
    this.#quiescing ??= this.#runPhase('quiesce', deadline)
    const faults = [...(await this.#quiescing), ...(await this.#runPhase('stop', deadline))]
    this.#state = 'stopped'
    return faults
  }

  async #runPhase(phase: 'quiesce' | 'stop', deadline: Deadline): Promise<StopFault[]> {
    const faults: StopFault[] = []
    for (const component of this.#started.toReversed()) {
      const fault = await this.#endComponent(component, phase, deadline)
      if (!fault) continue
      faults.push(fault)
      this.#options.log.error(
        { component: component.name, phase, err: fault.error },
        `component ${fault.reason}`,
      )
    }
    return faults
  }

  async #endComponent(
    component: Component,
    phase: 'quiesce' | 'stop',
    deadline: Deadline,
  ): Promise<StopFault | undefined> {
    try {
      const ended = await deadline.race(async () => component[phase]?.(deadline))
      return ended ? undefined : { component: component.name, phase, reason: 'too slow' }
    } catch (error) {
      return { component: component.name, phase, reason: 'failed', error }
    }
  }

  async #withDeadline(work: (deadline: Deadline) => Promise<StopFault[]>): Promise<StopFault[]> {
    const deadline = createDeadline(this.#options.clock, this.#options.graceMs)
    try {
      return await work(deadline)
    } finally {
      deadline.clear()
    }
  }
}

/** A moment by which something has to be over. */
export interface Deadline {
  /** Milliseconds that are left; 0 when it has passed. */
  remainingMs(): number
  /** Aborted when it passes. */
  readonly signal: AbortSignal
  /**
   * Runs the work, but does not wait for it beyond the deadline: false when that came first. Rejects as the work does.
   * Work that begins at the last moment or later still gets a moment of its own.
   */
  race(work: () => Promise<void>): Promise<boolean>
}

/** What everyone gets: enough to say goodbye to a server, though others have used up the time. */
const LAST_WORDS_MS = 200

/** A deadline `afterMs` from now. `clear` ends its timer without it passing. */
export function createDeadline(clock: Clock, afterMs: number): Deadline & { clear(): void } {
  const endMs = clock.monotonicMs() + afterMs
  const passing = new AbortController()
  const clearing = new AbortController()
  const passed = clock.sleep(afterMs, clearing.signal).then(() => {
    if (!clearing.signal.aborted) passing.abort(new Error(`not over after ${afterMs} ms`))
    return false
  })
  const remainingMs = () => Math.max(0, endMs - clock.monotonicMs())
  const lastWords = () => clock.sleep(LAST_WORDS_MS, clearing.signal).then(() => false)
  return {
    remainingMs,
    signal: passing.signal,
    race: (work) => {
      const tooLate = remainingMs() < LAST_WORDS_MS ? lastWords() : passed
      return Promise.race([work().then(() => true), tooLate])
    },
    clear: () => clearing.abort(),
  }
}
