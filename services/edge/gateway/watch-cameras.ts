import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { CameraView } from '#schemas/camera-view.ts'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from './gateway.ts'
import { WatcherLimit } from './watcher-limit.ts'

/** A camera as it is now; one that nobody is to watch any more, or that is not like what was asked for; `idle` when nothing has changed. */
export type CameraItem = { kind: 'camera' | 'gone'; camera: CameraView } | { kind: 'idle' }

const INTERVAL_MS = 1000
/** Each of them asks once a second. */
const MAX_WATCHERS = 200
/** Without an answer for so long it ends: who watches begins anew. */
const SILENT_ROUNDS = 10

const watchers = new WatcherLimit('cameras', MAX_WATCHERS)

/**
 * How the cameras of a tenant are, from now on: first each, then what has changed. For live views: what was in between two looks is
 * not told.
 * @throws MurmurError INVALID_REQUEST, OVERLOADED; UNAVAILABLE when nobody answers for a while
 */
export async function* watchCameras(
  { tenant, request }: { tenant: string; request: JsonObject },
  gateway: Pick<Gateway, 'cameras'>,
  signal: AbortSignal,
  clock: Pick<Clock, 'sleep'> = systemClock,
): AsyncGenerator<CameraItem> {
  const leave = watchers.enter()
  let known = new Map<string, { text: string; camera: CameraView }>()
  let silent = 0
  try {
    while (!signal.aborted) {
      let cameras: readonly CameraView[]
      try {
        cameras = (await gateway.cameras(tenant, request)).cameras
        silent = 0
      } catch (error) {
        const mayPass = error instanceof MurmurError && error.code === 'UNAVAILABLE' && known.size > 0
        if (!mayPass || ++silent > SILENT_ROUNDS) throw error
        await clock.sleep(INTERVAL_MS, signal)
        continue
      }
      const now = new Map(
        cameras.map((camera) => [
          `${camera.monitor} ${camera.camera}`,
          { text: JSON.stringify(camera), camera },
        ]),
      )
      let hasChanged = false
      for (const [key, { camera }] of known) {
        if (now.has(key)) continue
        hasChanged = true
        yield { kind: 'gone', camera }
      }
      for (const [key, { text, camera }] of now) {
        if (known.get(key)?.text === text) continue
        hasChanged = true
        yield { kind: 'camera', camera }
      }
      known = now
      if (!hasChanged) yield { kind: 'idle' }
      await clock.sleep(INTERVAL_MS, signal)
    }
  } finally {
    leave()
  }
}
