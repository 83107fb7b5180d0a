import type { AlertCloudEvent } from '../../schemas/alert.ts'
import type { BlobRef } from '../../schemas/blob.ts'
import type { Tracks } from '../../schemas/camera.ts'
import type { MonitorRequestInput } from '../../schemas/monitor-request.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { percentileOrNaN, round } from '../bench/measure.ts'
import { stopMonitor, type VideoProduct } from './video-product.ts'

const decoder = new TextDecoder()
const END_TIMEOUT_MS = 60_000

/** Every frame of a clip, as fast as the pipeline takes them. @returns frames a second between the first and the last */
export async function measureThroughput(
  product: VideoProduct,
  clip: BlobRef,
  frames: number,
): Promise<{ fps: number; dropped: number }> {
  const camera = 'throughput'
  let firstMs = 0
  let lastMs = 0
  let seen = 0
  let wake = () => {}
  const done = new Promise<void>((resolve) => {
    wake = resolve
  })
  const end = product.bus.subscribe(SUBJECTS.tracks('default', camera), () => {
    lastMs = performance.now()
    if (seen++ === 0) firstMs = lastMs
    if (seen === frames) wake()
  })
  const id = await product.monitor({
    source: { kind: 'file', blob: clip },
    camera,
    pace: 'complete',
    loop: true,
  })
  await timeoutMs(done, 180_000, 'throughput run')
  const fps = ((seen - 1) * 1000) / (lastMs - firstMs)
  end()
  await stopMonitor(product.bus, id)
  const summary = await product.summaryOf(id, END_TIMEOUT_MS)
  return { fps, dropped: summary.frames.droppedAtCapture + summary.frames.droppedAtDetection }
}

/** One camera at 10 frames a second, and rules that come true all the time: how old is a frame when its alert is there? */
export async function measureAlertLatency(
  product: VideoProduct,
  clip: BlobRef,
  seconds: number,
): Promise<{ p50: number; p95: number; alerts: number }> {
  const camera = 'latency'
  const latencies: number[] = []
  const end = product.bus.subscribe(SUBJECTS.alertsOfCamera('default', camera), ({ data }) => {
    const { data: alert } = JSON.parse(decoder.decode(data)) as AlertCloudEvent
    // Seen from here, as any client would: after the alert has come over NATS.
    if (alert.frame) latencies.push(Date.now() - alert.frame.capturedAtMs)
  })
  const id = await product.monitor({
    source: { kind: 'file', blob: clip },
    camera,
    pace: 'live',
    fps: 10,
    loop: true,
    ...linesAcross(24),
    analyse: 'every',
  })
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  await stopMonitor(product.bus, id)
  await product.summaryOf(id, END_TIMEOUT_MS)
  end()
  const sorted = latencies.sort((a, b) => a - b)
  return { p50: percentileOrNaN(sorted, 0.5), p95: percentileOrNaN(sorted, 0.95), alerts: sorted.length }
}

export interface Overload {
  cameras: number
  p95Ms: number
  /** 95th percentile of each quarter of the run: what grows shows here. */
  quartersP95Ms: number[]
  analysed: number
  dropped: number
  decoded: number
}

/** More cameras than the machine can do; `work` runs meanwhile. */
export async function measureOverload(
  product: VideoProduct,
  clip: BlobRef,
  options: { cameras: number; seconds: number; work: () => Promise<void> },
): Promise<Overload> {
  const quarters: number[][] = [[], [], [], []]
  const ids: string[] = []
  for (let i = 1; i <= options.cameras; i++) {
    ids.push(
      await product.monitor({
        source: { kind: 'file', blob: clip },
        camera: `overload-${i}`,
        pace: 'live',
        fps: 10,
        loop: true,
        analyse: 'every',
      }),
    )
  }
  // All of them have to be there before anything counts.
  const seen = new Set<string>()
  let startMs: number | undefined
  let wake = () => {}
  const allThere = new Promise<void>((resolve) => {
    wake = resolve
  })
  const end = product.bus.subscribe('tracks.*.*', ({ data }) => {
    const tracks = JSON.parse(decoder.decode(data)) as Tracks
    if (startMs === undefined) {
      seen.add(tracks.camera)
      if (seen.size === options.cameras) wake()
      return
    }
    const quarter = Math.floor(((performance.now() - startMs) / (options.seconds * 1000)) * 4)
    quarters[quarter]?.push(Date.now() - tracks.capturedAtMs)
  })
  await timeoutMs(allThere, 60_000, 'cameras')
  startMs = performance.now()
  await Promise.all([options.work(), new Promise((resolve) => setTimeout(resolve, options.seconds * 1000))])
  end()
  await Promise.all(ids.map((id) => stopMonitor(product.bus, id)))
  const summaries = await Promise.all(ids.map((id) => product.summaryOf(id, END_TIMEOUT_MS)))
  const sum = (of: (frames: (typeof summaries)[number]['frames']) => number) =>
    summaries.reduce((total, { frames }) => total + of(frames), 0)
  return {
    cameras: options.cameras,
    p95Ms: p95(quarters.flat()),
    quartersP95Ms: quarters.map(p95),
    analysed: sum((frames) => frames.analysed),
    dropped: sum((frames) => frames.droppedAtCapture + frames.droppedAtDetection + frames.late),
    decoded: sum((frames) => frames.decoded),
  }
}

/** Lines all over the picture: whoever walks crosses one every few frames. */
export function linesAcross(count: number): Pick<MonitorRequestInput, 'lines' | 'rules'> {
  const lines = Array.from({ length: count }, (_, i) => {
    const at = (i + 0.5) / count
    return { id: `line-${i}`, from: [at, 0] as [number, number], to: [at, 1] as [number, number] }
  })
  return {
    lines,
    rules: lines.map(({ id }) => ({ id: `cross-${id}`, kind: 'line-crossing', line: id, cooldownMs: 0 })),
  }
}

function p95(values: readonly number[]): number {
  return round(
    percentileOrNaN(
      [...values].sort((a, b) => a - b),
      0.95,
    ),
  )
}

async function timeoutMs(done: Promise<void>, limitMs: number, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs / 1000} s`)), limitMs)
  })
  await Promise.race([done, tooLong])
  clearTimeout(timer)
}
