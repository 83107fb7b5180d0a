import { randomUUID } from 'node:crypto'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'

/** A task that was answered for: its id, when it was asked for, and when it was completed. Monotonic milliseconds. */
export interface LoadedTask {
  askedMs: number
  acceptedMs: number
  completedMs?: number
}

/** Submits short tasks at a steady rate, whatever happens, until it is ended; what is not answered is sent again under its key. */
export class SteadyLoad {
  /** By task id. */
  readonly tasks = new Map<string, LoadedTask>()
  readonly #bus: Bus
  readonly #run = randomUUID()
  readonly #timer: NodeJS.Timeout
  readonly #endWatch: () => void
  readonly #open = new Set<Promise<void>>()
  #count = 0
  #ended = false

  /** @param perSecond tasks of two steps each */
  constructor(bus: Bus, perSecond: number) {
    this.#bus = bus
    this.#endWatch = bus.subscribe('tasks.events.*.*.completed', ({ subject }) => {
      const task = this.tasks.get(subject.split('.')[3]!)
      if (task) task.completedMs ??= performance.now()
    })
    this.#timer = setInterval(() => this.#submit(), 1000 / perSecond)
  }

  /** Tasks that were accepted and are not known to be completed. */
  get open(): string[] {
    return [...this.tasks].flatMap(([id, { completedMs }]) => (completedMs === undefined ? [id] : []))
  }

  /** When the first of the tasks was completed that were asked for after `sinceMs`; undefined: none yet. */
  firstCompletedAfter(sinceMs: number): number | undefined {
    const ends = [...this.tasks.values()].flatMap(({ askedMs, completedMs }) =>
      askedMs > sinceMs && completedMs !== undefined ? [completedMs] : [],
    )
    return ends.length === 0 ? undefined : Math.min(...ends)
  }

  /** The longest time within which no task was completed, from `sinceMs` on. */
  longestGapMs(sinceMs: number): number {
    const ends = [...this.tasks.values()]
      .flatMap(({ completedMs }) =>
        completedMs !== undefined && completedMs >= sinceMs ? [completedMs] : [],
      )
      .sort((a, b) => a - b)
    return ends.reduce(({ last, gap }, at) => ({ last: at, gap: Math.max(gap, at - last) }), {
      last: sinceMs,
      gap: 0,
    }).gap
  }

  /** Submits no more; resolves when all that was submitted has been accepted. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#ended = true
  }

  /** Watches no more. */
  close(): void {
    clearInterval(this.#timer)
    this.#ended = true
    this.#endWatch()
  }

  #submit(): void {
    const sent = this.#accepted(this.#count++)
    this.#open.add(sent)
    void sent.finally(() => this.#open.delete(sent))
  }

  async #accepted(n: number): Promise<void> {
    const askedMs = performance.now()
    const step = (id: string, value: unknown) => ({
      ...{ id, agent: 'chaos', timeoutMs: 60_000, queueTimeoutMs: 60_000 },
      input: { value, times: 2, plus: 1, workMs: 5 },
    })
    const submission = {
      type: 'plan',
      idempotencyKey: `${this.#run}-${n}`,
      input: { n },
      plan: {
        steps: [
          step('a', { $from: 'input.n' }),
          { ...step('b', { $from: 'steps.a.output.value' }), needs: ['a'] },
        ],
      },
    }
    while (!this.#ended) {
      try {
        const answer = await this.#bus.request(SERVICES.submitTask, submission, { timeoutMs: 2000 })
        this.tasks.set((answer as { taskId: string }).taskId, { askedMs, acceptedMs: performance.now() })
        return
      } catch (error) {
        const mayPass = error instanceof MurmurError && ['UNAVAILABLE', 'OVERLOADED'].includes(error.code)
        if (!mayPass) throw error
      }
    }
  }
}
