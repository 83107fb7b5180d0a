import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import type { Tracks } from '../../schemas/camera.ts'
import type { CameraEvent } from '../../schemas/camera-event.ts'
import { trackingInputSchema } from '../../schemas/monitor-steps.ts'
import type { Detector } from '../../services/agents/video/detection/detector.ts'
import { NEW_MONITOR } from '../../services/agents/video/tracking/monitor/monitor-state.ts'
import { monitorSetup, stepMonitor } from '../../services/agents/video/tracking/monitor/step-monitor.ts'
import { percentileOrNaN, round } from '../bench/measure.ts'
import { clipFrames } from './clip-frames.ts'
import { asset, chooseModel } from './material.ts'
import { openDetector } from './open-detector.ts'

/**
 * How well real people and vehicles are followed: persons counted against those marked by hand, and how many tracks each kind
 * of object got. `node loadtest/video/evaluate-tracking.ts [--model FILE] [--score 0.35] [--every 2]`; needs the clips and
 * their labels, which are not part of the repository. One line of JSON a clip.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    score: { type: 'string', default: '0.35' },
    /** Looks at every second, third … frame only, as a detector that is too slow does. */
    every: { type: 'string', default: '1' },
  },
})
const score = Number(values.score)
const every = Number(values.every)

interface Clip {
  file: string
  width: number
  height: number
  fps: number
}
const PETS: Clip = { file: 'clips/pets09-s2l1-480x360.mp4', width: 480, height: 360, fps: 10 }
const STREET: Clip = { file: 'clips/person-bicycle-car-768x432.mp4', width: 768, height: 432, fps: 12 }
/** Whatever stands or drives anywhere is told: a parked car that is told twice shows. */
const EVERYWHERE = {
  zones: [
    {
      id: 'picture',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    },
  ],
  rules: [{ id: 'vehicles', kind: 'intrusion', zone: 'picture', classes: ['vehicle'] }],
}

interface Followed {
  frames: { number: number; tracks: Tracks; seenPersons: number }[]
  events: CameraEvent[]
  stepMs: number[]
}

/** Runs a clip through the detector and the tracker, without anything between. */
async function follow(clip: Clip, detector: Detector, ffmpeg: string): Promise<Followed> {
  const file = asset(clip.file)
  if (!file) throw new Error(`${clip.file} is not here (MURMUR_ASSETS)`)
  const input = trackingInputSchema.parse({ camera: 'clip', minScore: score, ...EVERYWHERE })
  const setup = monitorSetup(input, { monitor: 'clip', tenant: 'default', minScore: score })
  const followed: Followed = { frames: [], events: [], stepMs: [] }
  let state = NEW_MONITOR
  const { width, height } = detector.info.inputs[0]!
  const sizes = { width, height, sourceWidth: clip.width, sourceHeight: clip.height, fps: clip.fps }
  for await (const frame of clipFrames({ ffmpeg, clip: file, ...sizes })) {
    if ((frame.header.seq - 1) % every !== 0) continue
    frame.header.minScore = score
    const [detections = []] = await detector.detect([frame])
    const seen = { ...frame.header, detections, model: detector.info.model, detector: 'here' }
    const startedMs = performance.now()
    const step = stepMonitor(setup, state, { ...seen, skipped: 0, inferMs: 0 }, 0)
    followed.stepMs.push(performance.now() - startedMs)
    state = step.state
    followed.events.push(...step.events)
    const seenPersons = detections.filter((detection) => detection.class === 'person').length
    if (step.tracks) followed.frames.push({ number: frame.header.seq, tracks: step.tracks, seenPersons })
  }
  return followed
}

/** Every track: what it is called most at its end, and from which frame to which it was shown. */
function tracksOf({ frames }: Followed): { id: number; label: string; from: number; to: number }[] {
  const tracks = new Map<number, { id: number; label: string; from: number; to: number }>()
  for (const { number, tracks: now } of frames)
    for (const { id, label } of now.tracks) {
      const from = tracks.get(id)?.from ?? number
      tracks.set(id, { id, label, from, to: number })
    }
  return [...tracks.values()]
}

/** Persons by frame, from lines like `17-21 4`. */
function readCounts(path: string): Map<number, number> {
  const counts = new Map<number, number>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, first, last, count] = /^(\d+)-(\d+) (\d+)/.exec(line) ?? []
    for (let frame = Number(first); frame <= Number(last); frame++) counts.set(frame, Number(count))
  }
  return counts
}

function say(about: object, { stepMs, frames, events }: Followed): void {
  const ids = events.map(({ subject }) => subject)
  const sorted = stepMs.toSorted((a, b) => a - b)
  const line = {
    ...about,
    ...{ score, every, frames: frames.length },
    vehicleEvents: ids.length,
    toldTwice: ids.length - new Set(ids).size,
    stepMs: { p50: round(percentileOrNaN(sorted, 0.5), 3), p99: round(percentileOrNaN(sorted, 0.99), 3) },
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function sayPets(followed: Followed, counts: ReadonlyMap<number, number>): void {
  const counted = followed.frames.filter(({ number }) => counts.has(number))
  const mean = (error: (frame: (typeof counted)[number], truth: number) => number) =>
    round(
      counted.reduce((sum, frame) => sum + error(frame, counts.get(frame.number)!), 0) / counted.length,
      3,
    )
  const tracks = tracksOf(followed)
  const vehicles = tracks.filter(({ label }) => label !== 'person')
  say(
    {
      clip: 'pets',
      countError: mean(({ tracks }, truth) => Math.abs(tracks.persons - truth)),
      countBias: mean(({ tracks }, truth) => tracks.persons - truth),
      rawCountError: mean(({ seenPersons }, truth) => Math.abs(seenPersons - truth)),
      personTracks: tracks.length - vehicles.length,
      vehicles: vehicles.map(({ id, label, from, to }) => `${label} ${id}: frames ${from} to ${to}`),
    },
    followed,
  )
}

const countsFile = asset('labels/pets09-s2l1-counts.txt')
if (!countsFile) throw new Error('the labels are not here (MURMUR_ASSETS)')
const { ffmpeg } = await resolveFfmpeg(() => undefined)
const detector = await openDetector(chooseModel(values.model))
sayPets(await follow(PETS, detector, ffmpeg), readCounts(countsFile))
const street = await follow(STREET, detector, ffmpeg)
say(
  {
    clip: 'person-bicycle-car',
    tracks: tracksOf(street).map(({ id, label, from, to }) => `${label} ${id}: frames ${from} to ${to}`),
  },
  street,
)
await detector.close()
