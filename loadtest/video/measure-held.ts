import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { AlertCloudEvent } from '../../schemas/alert.ts'
import type { BlobRef } from '../../schemas/blob.ts'
import type { Tracks } from '../../schemas/camera.ts'
import type { Analyse, MonitorRequestInput } from '../../schemas/monitor-request.ts'
import { TIMED_OUT, withTimeout } from '../../services/platform/clock/promises.ts'
import { percentileOrNaN, round } from '../bench/measure.ts'
import { createCoverage } from './coverage.ts'
import { linesAcross } from './measure-video.ts'
import type { MixedClip } from './mixed-clips.ts'
import { stopMonitor, type VideoProduct } from './video-product.ts'

const decoder = new TextDecoder()
const END_TIMEOUT_MS = 60_000
/** From the first picture of the last camera until anything counts: programs warm up, what is usual in each picture is learned. */
const WARM_UP_MS = 6000
/** For all cameras to show a picture. */
const OPEN_TIMEOUT_MS = 60_000

/** What so many cameras came to. */
export interface Held {
  cameras: number
  analyse: Analyse
  /** Of the frames that were decoded while it counted: those that were looked at, or in which nothing had moved. */
  share: number
  /** Frames in the time that counts. */
  analysed: number
  gated: number
  dropped: number
  /** From capture to the tracks of a frame that was looked at, at a client. Milliseconds. */
  frameP95Ms: number
  /** From capture to the alert at a client. Milliseconds. */
  alertP95Ms: number
  alerts: number
}

export interface MixedRun {
  cameras: number
  seconds: number
  analyse: Analyse
  fps: number
}

/** What counts as held. */
export interface HeldLimits {
  share: number
  p95Ms: number
}

/** Puts the clips into the object store. */
export async function uploadMixed(product: VideoProduct, clips: readonly MixedClip[]): Promise<BlobRef[]> {
  const blobs = await Promise.all(clips.map(({ file }) => product.upload(readFileSync(file), basename(file))))
  return clips.flatMap(({ of16 }, i) => Array.from({ length: of16 }, () => blobs[i]!))
}

/** Runs so many cameras of a mixed site at once, all of them with rules; `blobs` as `uploadMixed` gives them. */
export async function measureMixed(
  product: VideoProduct,
  blobs: readonly BlobRef[],
  { cameras, seconds, analyse, fps }: MixedRun,
): Promise<Held> {
  const ages: number[] = []
  const alertAges: number[] = []
  const coverage = createCoverage()
  let counts = false
  const seen = new Set<string>()
  const allSeen = Promise.withResolvers<void>()
  const ends = [
    product.bus.subscribe('tracks.*.*', ({ data }) => {
      const tracks = JSON.parse(decoder.decode(data)) as Tracks
      if (seen.add(tracks.monitor).size === cameras) allSeen.resolve()
      if (!counts) return
      coverage.take(tracks)
      if (!tracks.still) ages.push(Date.now() - tracks.capturedAtMs)
    }),
    product.bus.subscribe('alerts.>', ({ data }) => {
      const { data: alert } = JSON.parse(decoder.decode(data)) as AlertCloudEvent
      if (counts && alert.frame) alertAges.push(Date.now() - alert.frame.capturedAtMs)
    }),
  ]
  const ids: string[] = []
  for (let i = 0; i < cameras; i++) {
    // Spread over the kinds, whatever the number: 16 is coprime to 5.
    const blob = blobs[(i * 5) % blobs.length]!
    const request: MonitorRequestInput = {
      source: { kind: 'file', blob },
      camera: `held-${i + 1}`,
      ...{ pace: 'live', fps, loop: true, analyse },
      ...linesAcross(6),
    }
    ids.push(await product.monitor(request))
  }
  if ((await withTimeout(allSeen.promise, OPEN_TIMEOUT_MS)) === TIMED_OUT)
    throw new Error(`after ${OPEN_TIMEOUT_MS / 1000} s ${seen.size} of ${cameras} cameras show something`)
  await wait(WARM_UP_MS)
  counts = true
  await wait(seconds * 1000)
  counts = false
  for (const end of ends) end()
  await Promise.all(ids.map((id) => stopMonitor(product.bus, id)))
  const summaries = await Promise.all(ids.map((id) => product.summaryOf(id, END_TIMEOUT_MS)))
  // What capture itself let go has no number; it is not known when that was.
  const atCapture = summaries.reduce((sum, { frames }) => sum + frames.droppedAtCapture, 0)
  const { analysed, gated, numbered, silent } = coverage.of(ids)
  if (silent > 0) throw new Error(`${silent} of ${cameras} cameras showed nothing in ${seconds} s`)
  const decoded = numbered + atCapture
  const p95 = (values: number[]) =>
    percentileOrNaN(
      values.toSorted((a, b) => a - b),
      0.95,
    )
  return {
    ...{ cameras, analyse, analysed, gated },
    share: round((analysed + gated) / decoded, 4),
    dropped: decoded - analysed - gated,
    frameP95Ms: p95(ages),
    alertP95Ms: p95(alertAges),
    alerts: alertAges.length,
  }
}

/** Of these numbers of cameras, one after the other, the largest that was held; what is not ends it. */
export async function findHeld(
  product: VideoProduct,
  blobs: readonly BlobRef[],
  options: Omit<MixedRun, 'cameras'> & {
    numbers: readonly number[]
    limits: HeldLimits
    say: (held: Held) => void
  },
): Promise<{ held: number; runs: Held[] }> {
  const runs: Held[] = []
  let held = 0
  for (const cameras of options.numbers) {
    const run = await measureMixed(product, blobs, { ...options, cameras })
    runs.push(run)
    options.say(run)
    if (run.share < options.limits.share || run.frameP95Ms > options.limits.p95Ms) break
    held = cameras
  }
  return { held, runs }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
