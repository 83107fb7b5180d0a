import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { AgentRegistration } from '#schemas/agent.ts'

export interface RegistrationDeps {
  registration: AgentRegistration
  bus: Bus
  clock: Clock
  log: Log
  /** It is known, and its queues are there. */
  onRegistered: () => void
  /** It has this queue of its own from now on; undefined: none. */
  onQueue?: (queue: number | undefined) => void
  /** Whether it may take steps, where the orchestrator says so. */
  onCordon?: (isCordoned: boolean) => void
}

const REQUEST_TIMEOUT_MS = 2000
const AGAIN_AFTER_MS = 500

/** Makes an instance known, which makes its queues; again after every reconnect, for a server that came back empty. */
export class Registration implements Component {
  readonly name: string
  readonly #deps: RegistrationDeps
  readonly #stopping = new AbortController()
  #registering: Promise<void> | undefined
  #forget: () => void = () => {}

  constructor(deps: RegistrationDeps) {
    this.#deps = deps
    this.name = `registration of ${deps.registration.type}`
  }

  /** Waits for an orchestrator, however long it takes. @throws MurmurError INVALID_REQUEST when it is refused */
  async start(): Promise<void> {
    await this.#register()
    this.#forget = this.#deps.bus.onReconnect(() => this.#again())
    if (!this.#stopping.signal.aborted) this.#deps.onRegistered()
  }

  quiesce(): void {
    this.#stopping.abort()
    this.#forget()
  }

  #again(): void {
    this.#registering ??= this.#register()
      .catch((error: unknown) =>
        this.#deps.log.error({ reason: messageOf(error) }, 'registering again was refused'),
      )
      .finally(() => {
        this.#registering = undefined
      })
  }

  async #register(): Promise<void> {
    const { bus, clock, log, registration, onQueue, onCordon } = this.#deps
    while (!this.#stopping.signal.aborted) {
      try {
        const request = { ...registration, ownQueue: onQueue !== undefined }
        const { queue, cordoned } = await bus.call('registerAgent', request, {
          timeoutMs: REQUEST_TIMEOUT_MS,
        })
        onQueue?.(queue)
        if (cordoned !== undefined) onCordon?.(cordoned)
        return
      } catch (error) {
        if (error instanceof MurmurError && error.code === 'INVALID_REQUEST') throw error
        log.warn({ reason: messageOf(error) }, 'waiting for an orchestrator to register with')
        await clock.sleep(AGAIN_AFTER_MS, this.#stopping.signal)
      }
    }
  }
}
