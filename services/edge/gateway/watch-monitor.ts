import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Subscribing } from '#platform/nats/bus.ts'
import { type CameraState, cameraStateSchema, type Tracks, tracksSchema } from '#schemas/camera.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import { isTerminal } from '#schemas/task.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { Gateway } from './gateway.ts'
import { WatcherLimit } from './watcher-limit.ts'

/** How a monitor's camera is, what it sees, and `idle` when nothing came for a while. */
export type MonitorItem =
  | { kind: 'state'; state: CameraState }
  | { kind: 'tracks'; tracks: Tracks }
  | { kind: 'idle' }

export interface WatchMonitorDeps {
  gateway: Pick<Gateway, 'get'>
  bus: Subscribing
}

/** Of the input of a monitor. It was checked when it was accepted, by what was asked of it then. */
const monitoredSchema = z.object({ camera: cameraSchema })
/** Without a word from the camera for so long, the task is looked at. */
const POLL_INTERVAL_MS = 15_000
/** Each of them reads every frame of its camera. */
const MAX_WATCHERS = 200
/** Frames of many objects are large; none is larger than a message of NATS. */
const MESSAGE_BYTES = 1024 * 1024

/**
 * What a monitor sees, from now to its end: for live views, so whoever is slow gets the newest and not what was in between.
 * @throws MurmurError TASK_NOT_FOUND; INVALID_REQUEST for a task of another type; UNAVAILABLE
 */
export async function watchMonitor(
  { tenant, taskId }: { tenant: string; taskId: string },
  { gateway, bus }: WatchMonitorDeps,
  signal: AbortSignal,
): Promise<AsyncGenerator<MonitorItem>> {
  const { type, input, status } = await gateway.get(tenant, taskId)
  if (type !== 'monitor')
    throw new MurmurError('INVALID_REQUEST', `task ${taskId} is no monitor but a ${type}`)
  if (isTerminal(status)) return nothing()
  const { camera } = monitoredSchema.parse(input)
  const isOver = async () => {
    try {
      return isTerminal((await gateway.get(tenant, taskId)).status)
    } catch (error) {
      // Nobody can say just now: what comes from the camera is shown meanwhile, and it is asked again.
      if (error instanceof MurmurError && error.code === 'UNAVAILABLE') return false
      throw error
    }
  }
  return listen({ tenant, camera }, taskId, { bus, isOver }, signal)
}

/** Of one monitor and of many: both read every frame of a camera. */
export const monitorWatchers = new WatcherLimit('monitors', MAX_WATCHERS)

async function* nothing(): AsyncGenerator<never> {}

async function* listen(
  { tenant, camera }: { tenant: string; camera: string },
  monitor: string,
  { bus, isOver }: { bus: WatchMonitorDeps['bus']; isOver: () => Promise<boolean> },
  signal: AbortSignal,
): AsyncGenerator<MonitorItem> {
  const leave = monitorWatchers.enter()
  const newest: { state?: CameraState; tracks?: Tracks } = {}
  let wake = () => {}
  // Another monitor may watch the same camera.
  const take = (key: 'state' | 'tracks', value: { monitor: string } | undefined) => {
    if (value?.monitor !== monitor) return
    Object.assign(newest, { [key]: value })
    wake()
  }
  const ends = [
    bus.subscribe(SUBJECTS.cameraState(tenant, camera), ({ data }) =>
      take('state', parseMessage(data, cameraStateSchema)),
    ),
    bus.subscribe(SUBJECTS.tracks(tenant, camera), ({ data }) =>
      take('tracks', parseMessage(data, tracksSchema)),
    ),
  ]
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      const { state, tracks } = newest
      delete newest.state
      delete newest.tracks
      if (tracks) yield { kind: 'tracks', tracks }
      if (state) yield { kind: 'state', state }
      if (state?.status === 'ended') return
      if (state || tracks || newest.state || newest.tracks) continue
      const isIdle = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), POLL_INTERVAL_MS)
        wake = () => {
          clearTimeout(timer)
          resolve(false)
        }
      })
      if (!isIdle || signal.aborted) continue
      if (await isOver()) return
      yield { kind: 'idle' }
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    leave()
    for (const end of ends) end()
  }
}

/** What is told of a camera; undefined where it is not one of ours. */
export function parseMessage<Value>(
  data: Uint8Array,
  schema: { safeParse(value: unknown): { data?: Value | undefined } },
): Value | undefined {
  try {
    return schema.safeParse(parseBoundedJson(data, { maxBytes: MESSAGE_BYTES })).data
  } catch {
    // Not one of ours.
    return undefined
  }
}
