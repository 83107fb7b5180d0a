import { randomUUID } from 'node:crypto'
import { isTerminal } from '#schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { type Load, type LogWatch, resultOf, submissionOf } from './task-load.ts'
import { until } from './until.ts'

/** Monotonic milliseconds. */
interface Times {
  askedMs: number
  /** As its owner has announced it, which it does once or not at all. */
  completedMs?: number
}

/**
 * Submits tasks at a steady rate, whatever happens, until it is ended; what is not answered is sent again under its key. What was
 * accepted has to end with its result (`faultsOf`); how long nothing ended is measured by what owners announce.
 */
export class SteadyLoad implements Load {
  readonly expected = new Map<string, number>()
  readonly #times = new Map<string, Times>()
  readonly #bus: Bus
  readonly #log: LogWatch
  readonly #run = randomUUID()
  readonly #timer: NodeJS.Timeout
  readonly #endWatch: () => void
  readonly #open = new Set<Promise<void>>()
  readonly #early = new Map<string, number>()
  #count = 0
  /** What was answered last instead of a receipt. */
  #refusal = ''
  #closed = false

  constructor(bus: Bus, log: LogWatch, { perSecond }: { perSecond: number }) {
    this.#bus = bus
    this.#log = log
    this.#endWatch = bus.subscribe('tasks.events.*.*.completed', ({ subject }) => {
      const id = subject.split('.')[3]!
      const times = this.#times.get(id)
      if (times) times.completedMs ??= performance.now()
      else this.#early.set(id, performance.now())
    })
    this.#timer = setInterval(() => this.#submit(), 1000 / perSecond)
  }

  ended(): number {
    return [...this.expected.keys()].filter((id) => isTerminal(this.#log.state(id)?.status ?? 'running'))
      .length
  }

  /** Tasks that are announced to be completed. */
  get completed(): number {
    return [...this.#times.values()].filter(({ completedMs }) => completedMs !== undefined).length
  }

  /** How long after `sinceMs` the first task was completed that was asked for after it. Milliseconds; undefined: none yet. */
  recoveredAfterMs(sinceMs: number): number | undefined {
    const ends = [...this.#times.values()].flatMap(({ askedMs, completedMs }) =>
      askedMs > sinceMs && completedMs !== undefined ? [completedMs - sinceMs] : [],
    )
    return ends.length === 0 ? undefined : Math.min(...ends)
  }

  /** The longest time from `sinceMs` on in which no task was completed. Milliseconds. */
  longestGapMs(sinceMs: number): number {
    const ends = [...this.#times.values()]
      .flatMap(({ completedMs = 0 }) => (completedMs >= sinceMs ? [completedMs] : []))
      .sort((a, b) => a - b)
    return Math.max(0, ...ends.map((at, i) => at - (ends[i - 1] ?? sinceMs)))
  }

  /** How many of those that were under way at a moment are not known to have ended. */
  openOf(beforeMs: number): number {
    return [...this.#times].filter(
      ([id, { askedMs }]) => askedMs <= beforeMs && !isTerminal(this.#log.state(id)?.status ?? 'running'),
    ).length
  }

  /** Submits no more; resolves when all that was asked for has been accepted. @throws Error when that takes longer than a minute */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    await until('all that was asked for is accepted', () => this.#open.size === 0, 60_000).catch(
      (error: Error) => {
        throw new Error(`${error.message}: ${this.#open.size} are open, ${this.#refusal}`)
      },
    )
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
    this.#endWatch()
  }

  #submit(): void {
    const sent = this.#accepted(this.#count++)
    this.#open.add(sent)
    void sent.finally(() => this.#open.delete(sent))
  }

  async #accepted(i: number): Promise<void> {
    const askedMs = performance.now()
    const submission = submissionOf({ run: this.#run }, i)
    while (!this.#closed) {
      try {
        const answer = await this.#bus.request(SERVICES.submitTask, submission, { timeoutMs: 2000 })
        const { taskId } = answer as { taskId: string }
        this.expected.set(taskId, resultOf(i))
        const completedMs = this.#early.get(taskId)
        this.#times.set(taskId, { askedMs, ...(completedMs !== undefined && { completedMs }) })
        return
      } catch (error) {
        const mayPass = error instanceof MurmurError && ['UNAVAILABLE', 'OVERLOADED'].includes(error.code)
        this.#refusal = `${(error as Error).message} at ${Math.round(performance.now())}`
        if (!mayPass && !this.#closed) throw error
        // Nobody listens just now.
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
}
