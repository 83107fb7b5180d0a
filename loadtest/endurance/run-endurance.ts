import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import type { CameraRecording } from '../../schemas/recording.ts'
import { rssMb, until } from '../bench/measure.ts'
import {
  type ProcessName,
  startVideoProduct,
  stopMonitor,
  type VideoProduct,
} from '../video/video-product.ts'
import { type Fault, planFaults } from './fault-plan.ts'
import {
  judgeAlerts,
  judgeIncidents,
  judgeMemory,
  type LoopedTruth,
  type MemorySamples,
  type Outage,
  type Trouble,
  type Verdict,
} from './judge.ts'
import { LoopedCamera } from './looped-camera.ts'
import type { LoopedClip } from './make-clips.ts'
import { mountSmallDisk } from './small-disk.ts'
import { StarvationWatch } from './starvation-watch.ts'
import { ProductWatch } from './watch-product.ts'

const WATCHED = ['orchestrator', 'capture', 'tracking', 'alerting', 'detection'] as const
const SAMPLE_MS = 5000
/** Frames a second that are analysed. */
const FPS = 5
/** After a fault its cameras are followed again within this, on a machine that has other work. */
const BACK_TIMEOUT_MS = 90_000
/** Recordings of a minute of four cameras, and some more. */
const DISK_MB = 24
const AWAY_MS = 3000
const SETTINGS = {
  MURMUR_MODEL: 'starter',
  MURMUR_LOG_LEVEL: 'error',
  // An incident is over when its camera has been back for so long, and the next one is another: outages are minutes apart, not hours.
  MURMUR_ALERT_STEADY_MS: '3000',
  MURMUR_ALERT_FLAP_WINDOW_MS: '1000',
  MURMUR_RECORDINGS_FREE_GIB: '0.002',
  MURMUR_RECORDINGS_GIB: '0.018',
}

export interface EnduranceOptions {
  durationMs: number
  seed: number
  clips: readonly LoopedClip[]
  ffmpeg: string
  /** The run's own. */
  folder: string
  say: (line: string) => void
}

export interface EnduranceResult extends Verdict {
  minutes: number
  cameras: number
  faults: Record<string, number>
  incidents: number
  /** From a fault to the first frame that was followed again, the slowest of each kind. Seconds. */
  backAfterSec: Record<string, number>
  /** How often the machine gave nothing to processes of this priority for more than a second. */
  starved: number
  /** While no fault was there: no frame was followed for longer than 1.5 s. */
  gaps: { camera: string; atSec: number; lastedSec: number }[]
  memory: Record<string, ReturnType<typeof judgeMemory>>
  recordings: Pick<CameraRecording, 'camera' | 'bytes' | 'isRecording'>[]
}

/** Cameras for hours, with all that goes wrong meanwhile; judged by what they showed. */
export async function runEndurance(
  servers: LocalServers,
  options: EnduranceOptions,
): Promise<EnduranceResult> {
  const { durationMs, seed, clips, ffmpeg, folder, say } = options
  const faults = planFaults({ durationMs, cameras: clips.length, seed })
  const recordings = join(folder, 'recordings')
  mkdirSync(recordings)
  const disk = mountSmallDisk(recordings, DISK_MB)
  if (!disk)
    say('no disk of its own (that needs root): recordings are bounded by size, and no disk gets full')
  const cameras = clips.map(() => new LoopedCamera())
  const env = { ...SETTINGS, MURMUR_FFMPEG: ffmpeg, MURMUR_RECORDINGS_DIR: join(recordings, 'kept') }
  let product: VideoProduct | undefined
  try {
    product = await startVideoProduct(servers, {
      processes: WATCHED,
      env: { ...env, MURMUR_VIDEO_PORTS: '*' },
    })
    await Promise.all(cameras.map((camera, i) => camera.start(ffmpeg, clips[i]!.file)))
    const watch = new ProductWatch(product.bus, clips.map(nameOf))
    const ids = await Promise.all(clips.map((clip, i) => startMonitor(product!, clip, cameras[i]!)))
    await untilFollowed(watch, clips.map(nameOf), Date.now())
    const run = { product, watch, cameras, clips, disk, say, faults }
    const { troubles, outages, backAfterSec, memory, fromMs, toMs } = await play(run, durationMs)
    const truths = clips.map((clip, i): LoopedTruth => {
      const { durationMs: loopMs, events } = clip.truth
      const timed = events.map((event) => ({ ...event, takesMs: takesMs(clip, event.rule) }))
      return { camera: nameOf(clip), startedAtMs: cameras[i]!.startedAtMs, loopMs, events: timed }
    })
    const verdict = judgeAlerts(truths, watch.alerts(), { fromMs, toMs, troubles })
    const incidents = watch.incidents()
    verdict.violations.push(...judgeIncidents(outages, incidents, troubles))
    const kept = await keptRecordings(product)
    for (const { camera, isRecording, reason } of kept)
      if (!isRecording)
        verdict.violations.push(`${camera} is not recorded at the end: ${reason ?? 'no reason'}`)
    for (const [name, verdictOf] of Object.entries(memory))
      if (verdictOf?.isFlat === false)
        verdict.violations.push(`${name} grows: ${verdictOf.growthMb} MB, ${verdictOf.mbPerHour} MB an hour`)
    await Promise.all(ids.map((id) => stopMonitor(product!.bus, id)))
    watch.stop()
    return {
      ...verdict,
      ...{ minutes: durationMs / 60_000, cameras: clips.length, faults: countByKind(faults) },
      ...{ incidents: incidents.length, backAfterSec, memory },
      starved: troubles.filter(({ what }) => what.startsWith('a machine')).length,
      gaps: gapsBeside(watch, troubles, fromMs),
      recordings: kept.map(({ camera, bytes, isRecording }) => ({ camera, bytes, isRecording })),
    }
  } finally {
    await Promise.all(cameras.map((camera) => camera.stop()))
    await product?.stop()
    disk?.remove()
  }
}

/** What no fault explains. */
function gapsBeside({ gaps }: ProductWatch, troubles: readonly Trouble[], startMs: number) {
  const isExplained = (camera: string, fromMs: number, toMs: number) =>
    troubles.some(
      (one) =>
        (one.camera === undefined || one.camera === camera) && fromMs <= one.toMs && toMs >= one.fromMs,
    )
  const tenth = (ms: number) => Math.round(ms / 100) / 10
  return gaps
    .filter(({ camera, fromMs, toMs }) => fromMs >= startMs && !isExplained(camera, fromMs, toMs))
    .map(({ camera, fromMs, toMs }) => ({
      camera,
      atSec: tenth(fromMs - startMs),
      lastedSec: tenth(toMs - fromMs),
    }))
}

const nameOf = ({ name }: LoopedClip) => name

/** For how long it has to be so before a rule comes true. */
function takesMs({ truth }: LoopedClip, id: string): number {
  const rule = truth.rules.find((one) => one.id === id)
  return rule?.kind === 'loitering' ? rule.dwellMs : rule?.kind === 'crowd' ? rule.holdMs : 0
}

function startMonitor(product: VideoProduct, { name, truth }: LoopedClip, { url }: LoopedCamera) {
  // A clip comes round before its subjects' cooldowns are over: each time is to be told.
  const rules = truth.rules.map((rule) => ('cooldownMs' in rule ? { ...rule, cooldownMs: 5000 } : rule))
  return product.monitor({
    source: { kind: 'url', url },
    ...{ camera: name, model: 'starter', fps: FPS, record: true },
    ...{ zones: truth.zones, lines: truth.lines },
    rules: [...rules, { id: 'away', kind: 'camera-offline', afterMs: AWAY_MS }],
  })
}

interface Run {
  product: VideoProduct
  watch: ProductWatch
  cameras: readonly LoopedCamera[]
  clips: readonly LoopedClip[]
  disk: ReturnType<typeof mountSmallDisk>
  say: (line: string) => void
  faults: readonly Fault[]
}

async function play(run: Run, durationMs: number) {
  const { product, say, faults } = run
  const fromMs = Date.now()
  const toMs = fromMs + durationMs
  const lives = new Map<number, { name: ProcessName; samples: [minutes: number, mb: number][] }>()
  const measuring = new AbortController()
  const measured = sample(product, lives, measuring.signal)
  const starvation = new StarvationWatch()
  const troubles: Trouble[] = []
  const outages: Outage[] = []
  const backAfterSec: Record<string, number> = {}
  for (const fault of faults) {
    await delay(Math.max(0, fromMs + fault.atMs - Date.now()))
    const trouble = await suffer(run, fault)
    const tookSec = Math.round((trouble.toMs - trouble.fromMs) / 100) / 10
    say(`${Math.round((trouble.fromMs - fromMs) / 1000)} s: ${trouble.what}, seen again after ${tookSec} s`)
    backAfterSec[trouble.what] = Math.max(tookSec, backAfterSec[trouble.what] ?? 0)
    // Alerting has its events in a queue, a disk is beside the way of pictures: neither is an excuse.
    if (fault.kind === 'outage' || (fault.kind === 'kill' && fault.process !== 'alerting'))
      troubles.push(trouble)
    if (fault.kind === 'outage') outages.push({ ...trouble, camera: trouble.camera! })
  }
  await delay(Math.max(0, toMs - Date.now()))
  measuring.abort()
  await measured
  troubles.push(...starvation.stop())
  const memory: Record<string, ReturnType<typeof judgeMemory>> = {}
  for (const { name, samples } of lives.values()) {
    const judged = judgeMemory(samples as MemorySamples)
    if (judged) memory[name] = judged
  }
  return { fromMs, toMs: Date.now(), troubles, outages, backAfterSec, memory }
}

/** Lets a fault happen, and waits until all that it hit is followed again. */
async function suffer({ product, watch, cameras, clips, disk }: Run, fault: Fault): Promise<Trouble> {
  const fromMs = Date.now()
  const names = clips.map(nameOf)
  if (fault.kind === 'outage') {
    const camera = names[fault.camera]!
    await cameras[fault.camera]!.cut()
    await delay(fault.lastsMs)
    await cameras[fault.camera]!.restore()
    await untilFollowed(watch, [camera], Date.now())
    return { camera, what: 'outage', fromMs, toMs: Date.now() }
  }
  if (fault.kind === 'full-disk') {
    disk?.fill()
    await delay(fault.lastsMs)
    disk?.clear()
    await untilFollowed(watch, names, Date.now())
    return { what: 'full disk', fromMs, toMs: Date.now() }
  }
  await product.replace(fault.process)
  await untilFollowed(watch, names, Date.now())
  return { what: `kill of ${fault.process}`, fromMs, toMs: Date.now() }
}

function untilFollowed(watch: ProductWatch, cameras: readonly string[], sinceMs: number): Promise<void> {
  return until(
    `${cameras.join(', ')} followed again`,
    () => cameras.every((camera) => watch.followedAtMs(camera) > sinceMs),
    BACK_TIMEOUT_MS,
  )
}

async function sample(
  product: VideoProduct,
  lives: Map<number, { name: ProcessName; samples: [minutes: number, mb: number][] }>,
  signal: AbortSignal,
): Promise<void> {
  const startMs = performance.now()
  while (!signal.aborted) {
    for (const name of WATCHED) {
      const pid = product.pid(name)
      try {
        const mb = rssMb(pid)
        // Killed, and not buried yet: it has no memory any more.
        if (!Number.isFinite(mb)) continue
        const life = lives.get(pid) ?? { name, samples: [] }
        life.samples.push([(performance.now() - startMs) / 60_000, mb])
        lives.set(pid, life)
      } catch {
        // Killed just now.
      }
    }
    await delay(SAMPLE_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function keptRecordings({ bus }: VideoProduct): Promise<CameraRecording[]> {
  const { recordings } = await bus.call('listRecordings', {}, { timeoutMs: 15_000 })
  return recordings
}

function countByKind(faults: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const fault of faults) {
    const kind = fault.kind === 'kill' ? `kill of ${fault.process}` : fault.kind
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
