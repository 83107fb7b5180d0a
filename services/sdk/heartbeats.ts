import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { AgentHeartbeat, AgentRegistration } from '#schemas/agent.ts'
import { SERVICES, SUBJECTS } from '#subjects/subjects.ts'
import type { AnyAgentDefinition } from './define-agent.ts'

export interface HeartbeatsDeps {
  agent: AnyAgentDefinition
  instance: string
  bus: Bus
  clock: Clock
  log: Log
  /** What the runner is doing right now. */
  load: () => { capacity: number; inFlight: number; completed: number; failed: number }
}

const EVERY_MS = 1000
const REGISTER_TIMEOUT_MS = 2000
const REGISTER_AGAIN_MS = 500

/** Makes an instance known: registers it, which makes its queues, then says every second how it is. */
export class Heartbeats implements Component {
  readonly name = 'heartbeats'
  readonly #deps: HeartbeatsDeps
  readonly #startedAtMs: number
  readonly #stopping = new AbortController()
  #status: AgentHeartbeat['status'] = 'ready'
  #timer: NodeJS.Timeout | undefined

  constructor(deps: HeartbeatsDeps) {
    this.#deps = deps
    this.#startedAtMs = deps.clock.nowMs()
  }

  /** Waits for an orchestrator, however long it takes. @throws MurmurError when the registration is refused */
  async start(): Promise<void> {
    await this.#register()
    this.#beat()
    this.#timer = setInterval(() => this.#beat(), EVERY_MS)
  }

  quiesce(): void {
    this.#stopping.abort()
    this.#say('draining')
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#say('stopped')
  }

  async #register(): Promise<void> {
    const { agent, instance, bus, log, clock } = this.#deps
    const request: AgentRegistration = {
      type: agent.name,
      instance,
      version: agent.version ?? '0',
      ...(agent.description && { description: agent.description }),
    }
    while (!this.#stopping.signal.aborted) {
      try {
        await bus.request(SERVICES.registerAgent, request, { timeoutMs: REGISTER_TIMEOUT_MS })
        return
      } catch (error) {
        if (error instanceof MurmurError && error.code === 'INVALID_REQUEST') throw error
        log.warn({ reason: messageOf(error) }, 'waiting for an orchestrator to register with')
        await clock.sleep(REGISTER_AGAIN_MS, this.#stopping.signal)
      }
    }
  }

  #say(status: AgentHeartbeat['status']): void {
    this.#status = status
    this.#beat()
  }

  #beat(): void {
    const { agent, instance, bus, load } = this.#deps
    const beat: AgentHeartbeat = {
      type: agent.name,
      instance,
      version: agent.version ?? '0',
      status: this.#status,
      startedAtMs: this.#startedAtMs,
      ...load(),
    }
    bus.publishCore(SUBJECTS.heartbeat(agent.name, instance), JSON.stringify(beat))
  }
}
