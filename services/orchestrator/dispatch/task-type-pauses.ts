import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { LogReading, Publishing, Serving } from '#platform/nats/bus.ts'
import { FollowedStream } from '#platform/nats/followed-stream.ts'
import { putBack } from '#platform/nats/publish-after.ts'
import {
  type PausedTaskType,
  type SetTaskTypePauseRequest,
  type TaskTypePause,
  taskTypePauseSchema,
} from '#schemas/task-type.ts'
import { STREAMS } from '#subjects/streams.ts'
import { lastToken, SUBJECTS } from '#subjects/subjects.ts'
import type { Dispatcher } from './dispatcher.ts'

export interface TaskTypePausesDeps {
  bus: LogReading & Publishing & Serving
  /** The broker's. */
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  dispatcher: () => Pick<Dispatcher, 'pauseTypes' | 'heldOf'>
}

const PUBLISH_TIMEOUT_MS = 5000
/** Names that were ever paused. */
const MAX_NAMES = 1000

/**
 * Which types of tasks are paused, as their subjects of the stream of policies say, in the memory of every orchestrator: one message
 * changes all of them, and a flushed Redis changes nothing.
 */
export class TaskTypePauses implements Component {
  readonly name = 'pauses of task types'
  readonly #deps: TaskTypePausesDeps
  readonly #known = new Map<string, TaskTypePause>()
  readonly #followed: FollowedStream
  #ends: (() => void)[] = []

  constructor(deps: TaskTypePausesDeps) {
    this.#deps = deps
    this.#followed = new FollowedStream(deps, {
      stream: STREAMS.policies.name,
      subject: SUBJECTS.taskTypePausesAll,
      what: 'pauses',
      onMessage: ({ data }) => this.#learn(data),
      onRefused: (message) => void putBack(deps.bus, message, this.#known.get(lastToken(message.subject))),
    })
  }

  /** Resolves when every pause of now is known: nothing of a paused type is dispatched meanwhile. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    const { bus } = this.#deps
    await this.#followed.start()
    this.#ends = [
      bus.serve('setTaskTypePause', async (request) => ({ pause: await this.set(request) })),
      bus.serve('listTaskTypePauses', async () => ({ paused: this.list() })),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async stop(): Promise<void> {
    await this.#followed.stop()
  }

  /** Resolves when it is stored, and holds here; everywhere else within milliseconds. @throws MurmurError UNAVAILABLE, LIMIT_EXCEEDED */
  async set({ name, paused, reason }: SetTaskTypePauseRequest): Promise<TaskTypePause> {
    const known = this.#known.get(name)
    // Asked again after a lost reply: it stays as it is, and since when.
    if (known?.paused === paused && known.reason === reason) return known
    if (!known && this.#known.size >= MAX_NAMES)
      throw new MurmurError('LIMIT_EXCEEDED', `${MAX_NAMES} types of tasks have been paused already`)
    const pause: TaskTypePause = {
      ...{ v: 1, name, paused, updatedAtMs: this.#deps.clock.nowMs() },
      ...(reason !== undefined && { reason }),
    }
    const { seq } = await this.#deps.bus.publisher.publish(
      SUBJECTS.taskTypePause(name),
      JSON.stringify(pause),
      { msgId: randomUUID(), giveUpAfterMs: PUBLISH_TIMEOUT_MS },
    )
    await this.#followed.until(seq)
    return pause
  }

  /** By name. */
  list(): PausedTaskType[] {
    return [...this.#known.values()]
      .filter(({ paused }) => paused)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, reason, updatedAtMs }) => ({
        name,
        ...(reason !== undefined && { reason }),
        sinceMs: updatedAtMs,
        waiting: this.#deps.dispatcher().heldOf(name),
      }))
  }

  #learn(data: Uint8Array): void {
    const pause = readMessage(data, taskTypePauseSchema)
    if (!pause) return
    this.#known.set(pause.name, pause)
    const paused = [...this.#known.values()].filter((one) => one.paused)
    this.#deps.dispatcher().pauseTypes(new Set(paused.map(({ name }) => name)))
  }
}
