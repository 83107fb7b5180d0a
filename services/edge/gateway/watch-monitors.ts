import type { Subscribing } from '#platform/nats/bus.ts'
import { type CameraState, cameraStateSchema, type Tracks, tracksSchema } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { type MonitorItem, monitorWatchers, parseMessage } from './watch-monitor.ts'

/** So often a monitor is told of at most: what comes in between is the newest. Milliseconds. */
const INTERVAL_MS = 100
const IDLE_MS = 15_000
/** What waits to be told at once; further monitors are told of when there is room. */
const MAX_WAITING = 500

/**
 * What many monitors of a tenant see and how their cameras are, in one stream: a browser has six connections to a server, and a wall
 * has more cameras. Who is slow gets the newest of each and not what was in between. It ends with the signal only.
 * @param monitors only these; all of the tenant when it is not given
 * @throws MurmurError OVERLOADED
 */
export async function* watchMonitors(
  { tenant, monitors }: { tenant: string; monitors: ReadonlySet<string> | undefined },
  bus: Subscribing,
  signal: AbortSignal,
): AsyncGenerator<MonitorItem> {
  const leave = monitorWatchers.enter()
  const waiting = new Map<string, MonitorItem>()
  let wake = () => {}
  const take = (item: { kind: 'state'; state: CameraState } | { kind: 'tracks'; tracks: Tracks }) => {
    const { monitor } = item.kind === 'state' ? item.state : item.tracks
    if (monitors && !monitors.has(monitor)) return
    const key = `${item.kind} ${monitor}`
    if (waiting.size >= MAX_WAITING && !waiting.has(key)) return
    waiting.set(key, item)
    wake()
  }
  const ends = [
    bus.subscribe(SUBJECTS.cameraStatesOfTenant(tenant), ({ data }) => {
      const state = parseMessage(data, cameraStateSchema)
      if (state) take({ kind: 'state', state })
    }),
    bus.subscribe(SUBJECTS.tracksOfTenant(tenant), ({ data }) => {
      const tracks = parseMessage(data, tracksSchema)
      if (tracks) take({ kind: 'tracks', tracks })
    }),
  ]
  /** @returns whether the time passed with nothing new */
  const sleep = (ms: number, isWoken: boolean) =>
    new Promise<boolean>((resolve) => {
      const done = (isIdle: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        wake = () => {}
        resolve(isIdle)
      }
      const onAbort = () => done(false)
      const timer = setTimeout(() => done(true), ms)
      signal.addEventListener('abort', onAbort, { once: true })
      if (isWoken) wake = () => done(false)
    })
  try {
    while (!signal.aborted) {
      if (waiting.size === 0 && (await sleep(IDLE_MS, true)) && !signal.aborted) yield { kind: 'idle' }
      const items = [...waiting.values()]
      waiting.clear()
      for (const item of items) {
        if (signal.aborted) return
        yield item
      }
      if (!signal.aborted && items.length > 0) await sleep(INTERVAL_MS, false)
    }
  } finally {
    leave()
    for (const end of ends) end()
  }
}
