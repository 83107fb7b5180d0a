import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BusMessage, Subscribing } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { cameraStateSchema } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { HeardState } from './judge-camera.ts'

export interface CameraStatesDeps {
  bus: Subscribing
  redis: Pick<Redis, 'hgetall' | 'hset' | 'hdel'>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
  log: Log
}

const KEY = 'murmur:cameras'
const QUEUE = 'orchestrators'
const MAX_STATE_BYTES = 16 * 1024
/** What is kept of a camera that nobody hears any more: as long as somebody may ask why. */
const FORGOTTEN_AFTER_MS = 24 * 3600 * 1000

/** The last word of each capture about its camera, in Redis: an orchestrator that starts knows it too. */
export class CameraStates implements Component {
  readonly name = 'camera states'
  readonly #deps: CameraStatesDeps
  #end: () => void = () => {}

  constructor(deps: CameraStatesDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#end = this.#deps.bus.subscribe(SUBJECTS.cameraStateAll, (message) => void this.#hear(message), {
      queue: QUEUE,
      whileServing: true,
    })
  }

  quiesce(): void {
    this.#end()
  }

  /** By `cameraKey`. @throws what Redis throws */
  async all(): Promise<Map<string, HeardState>> {
    const { clock, redis } = this.#deps
    const oldestMs = clock.nowMs() - FORGOTTEN_AFTER_MS
    const all = Object.entries(await redis.hgetall(KEY)).map(
      ([key, json]) => [key, JSON.parse(json) as HeardState] as const,
    )
    const gone = all.filter(([, { heardAtMs }]) => heardAtMs < oldestMs).map(([key]) => key)
    if (gone.length > 0) await redis.hdel(KEY, gone)
    return new Map(all.filter(([, { heardAtMs }]) => heardAtMs >= oldestMs))
  }

  /** Forgets cameras whose monitors have ended. */
  async forget(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#deps.redis.hdel(KEY, [...keys])
  }

  async #hear({ subject, data }: BusMessage): Promise<void> {
    const { clock, log, redis } = this.#deps
    try {
      const state = cameraStateSchema.parse(parseBoundedJson(data, { maxBytes: MAX_STATE_BYTES }))
      const [, , tenant = ''] = subject.split('.')
      // The server checks who may publish on a subject, and nobody else checks what stands in the body.
      if (subject !== SUBJECTS.cameraState(tenant, state.camera))
        throw new MurmurError('INVALID_REQUEST', 'a state that names another camera than its subject')
      const heard: HeardState = { tenant, state, heardAtMs: clock.nowMs() }
      await redis.hset(KEY, cameraKey(state), JSON.stringify(heard))
    } catch (error) {
      // The next one comes in a second.
      log.debug({ reason: messageOf(error), subject }, 'a state of a camera was not kept')
    }
  }
}

/** Names a camera of a monitor: two monitors may watch one, and a plan several. Pure. */
export function cameraKey({ monitor, camera }: { monitor: string; camera: string }): string {
  return `${monitor}/${camera}`
}
