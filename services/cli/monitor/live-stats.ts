import { percentile } from '#platform/statistics/percentile.ts'
import type { Alert } from '#schemas/alert.ts'
import type { CameraState, Tracks } from '#schemas/camera.ts'
import { SEVERITIES, type Severity } from '#schemas/watch-rule.ts'

/** What the live view shows. */
export interface LiveView {
  camera: string
  /** `waiting` until the camera is first heard of. */
  status: CameraState['status'] | 'waiting'
  /** Why it is so: the camera's own words, or what the task waits for. */
  note: string | undefined
  elapsedMs: number
  /** Frames analysed a second, over the last seconds. */
  fps: number
  /** Capture to tracked: of the last frame, and the 95th percentile of the last seconds. */
  latency: { lastMs: number; p95Ms: number } | undefined
  analysed: number
  /** Not looked at because nothing had moved. */
  gated: number
  /** Decoded and never analysed, up to the last frame that was. */
  dropped: number
  persons: number
  vehicles: number
  alerts: Readonly<Record<Severity, number>>
}

const WINDOW_MS = 5000
/** A rate over less than this says nothing. */
const MIN_SPAN_MS = 1000

/** Sums up what comes from a camera, for people to look at. Times are those of one monotonic clock, in milliseconds. */
export class LiveStats {
  readonly #camera: string
  readonly #startedMs: number
  readonly #alerts = new Map<Severity, number>()
  #recent: { atMs: number; latencyMs: number }[] = []
  #firstFrameMs: number | undefined
  #tracks: Tracks | undefined
  #state: CameraState | undefined
  #note: string | undefined
  #dropped = 0

  constructor(camera: string, startedMs: number) {
    this.#camera = camera
    this.#startedMs = startedMs
  }

  addTracks(tracks: Tracks, nowMs: number): void {
    this.#dropped += dropsBetween(this.#tracks, tracks)
    this.#tracks = tracks
    this.#firstFrameMs ??= nowMs
    if (!tracks.still) this.#recent.push({ atMs: nowMs, latencyMs: tracks.latencyMs })
    // Somebody may feed it for hours without ever looking.
    this.#forgetBefore(nowMs - WINDOW_MS)
  }

  addState(state: CameraState): void {
    this.#state = state
  }

  addAlert({ severity }: Alert): void {
    this.#alerts.set(severity, (this.#alerts.get(severity) ?? 0) + 1)
  }

  /** What the task waits for; undefined when it does not. */
  setNote(note: string | undefined): void {
    this.#note = note
  }

  view(nowMs: number): LiveView {
    this.#forgetBefore(nowMs - WINDOW_MS)
    const latencies = this.#recent.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
    const sinceFirstMs = nowMs - (this.#firstFrameMs ?? nowMs)
    const spanMs = Math.max(MIN_SPAN_MS, Math.min(WINDOW_MS, sinceFirstMs))
    const lastMs = this.#recent.at(-1)?.latencyMs
    return {
      camera: this.#camera,
      status: this.#state?.status ?? 'waiting',
      note: this.#note ?? this.#state?.reason,
      elapsedMs: nowMs - this.#startedMs,
      fps: (this.#recent.length * 1000) / spanMs,
      latency:
        lastMs === undefined ? undefined : { lastMs, p95Ms: percentile(latencies, 0.95, 'nearest-rank') },
      analysed: this.#tracks?.frames ?? 0,
      gated: this.#tracks?.gated ?? 0,
      dropped: this.#dropped,
      persons: this.#tracks?.persons ?? 0,
      vehicles: this.#tracks?.vehicles ?? 0,
      alerts: Object.fromEntries(
        SEVERITIES.map((severity) => [severity, this.#alerts.get(severity) ?? 0]),
      ) as Record<Severity, number>,
    }
  }

  #forgetBefore(ms: number): void {
    if ((this.#recent[0]?.atMs ?? ms + 1) > ms) return
    this.#recent = this.#recent.filter(({ atMs }) => atMs > ms)
  }
}

/**
 * Frames that were decoded and not analysed between two messages of a camera: numbers count what was decoded, `frames` what
 * was analysed and `gated` what did not have to be, so a message that did not get here is no drop. Frames that are under way are none either. Pure.
 */
export function dropsBetween(before: Tracks | undefined, now: Tracks): number {
  const sameEpoch = before?.epoch === now.epoch
  // Numbers begin anew with a capture that begins anew; what was analysed counts on.
  const decoded = now.seq - (sameEpoch ? before.seq : 0)
  const analysed = now.frames - (before?.frames ?? 0)
  const gated = Math.max(0, (now.gated ?? 0) - (before?.gated ?? 0))
  return analysed < 0 ? 0 : Math.max(0, decoded - analysed - gated)
}
