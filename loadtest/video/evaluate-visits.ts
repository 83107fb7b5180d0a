import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import type { CameraEvent } from '../../schemas/camera-event.ts'
import { trackingInputSchema } from '../../schemas/monitor-steps.ts'
import { describeFrame } from '../../services/agents/video/appearance/describe-frame.ts'
import type { Detector } from '../../services/agents/video/detection/detector.ts'
import { monitorSetup } from '../../services/agents/video/tracking/monitor/step-monitor.ts'
import { ALTERATIONS, type Alteration, emptyScene, STILLS, type VisitedClip } from './altered-clips.ts'
import { clipFrames } from './clip-frames.ts'
import { followGated, type LookedFrame } from './gated-run.ts'
import { asset, chooseModel } from './material.ts'
import { openDetector } from './open-detector.ts'

/**
 * Alerts a visit, and alerts on nothing, on clips that no setting was tuned on: real clips in other light, from other cameras, at other
 * speeds; and pictures of their places without anybody. Whoever is anywhere in the picture is to be told, once.
 * `node loadtest/video/evaluate-visits.ts [--model FILE] [--what visits|nothing] [--only NAME] [--verbose]`; needs the clips, which are not part of the repository. A line of
 * JSON each.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    what: { type: 'string' },
    only: { type: 'string' },
    verbose: { type: 'boolean' },
  },
})

const STREET: VisitedClip = {
  file: 'clips/person-bicycle-car-768x432.mp4',
  ...{ width: 768, height: 432, fps: 12 },
  seconds: 459 / 12,
  visits: [
    { what: 'a car', fromS: 0, toS: 4 },
    { what: 'a cyclist', fromS: 9, toS: 14 },
    { what: 'a walker, a car, a cyclist', fromS: 24, toS: 34.5 },
  ],
}
/** Persons and cars of those visits: as many events of each there should be. Bicycles are vehicles, too. */
const STREET_SUBJECTS = { persons: 3, cars: 2 }
const SQUARE = { file: 'clips/pets09-s2l1-480x360.mp4', width: 480, height: 360, fps: 10 }
/** Seconds of a place without anybody. */
const STILL_SECONDS = 60
/** A visit may be told so much before somebody marked its begin, and after its end. Seconds. */
const SLACK_S = 1.5
const PICTURE = {
  id: 'picture',
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
}

interface Material {
  clip: Pick<VisitedClip, 'width' | 'height' | 'fps'>
  file: string
  alteration: Alteration
  classes: ('person' | 'vehicle')[]
}

/** A clip, altered, through the network, the motion gate, the tracker and the rules, as it goes live. */
async function eventsOf(
  { clip, file, alteration, classes }: Material,
  detector: Detector,
  ffmpeg: string,
): Promise<Record<'every' | 'motion', CameraEvent[]>> {
  const ratio = clip.width / clip.height
  const size = detector.info.inputs.toSorted(
    (a, b) => Math.abs(a.width / a.height - ratio) - Math.abs(b.width / b.height - ratio),
  )[0]!
  const frames: LookedFrame[] = []
  const { filter, slower = 1, times } = alteration
  for await (const frame of clipFrames({
    ...{ ffmpeg, clip: file, ...size, fps: clip.fps / slower },
    ...{ sourceWidth: clip.width, sourceHeight: clip.height },
    ...(filter !== undefined && { filter }),
    ...(times !== undefined && { times }),
  })) {
    const [detections = []] = await detector.detect([frame])
    frames.push({ frame, seen: describeFrame(frame, detections) })
  }
  if (frames.length === 0) throw new Error(`no frame of ${file} could be read`)
  const rules = [{ id: 'anybody', kind: 'intrusion', zone: PICTURE.id, classes }]
  const input = trackingInputSchema.parse({ camera: 'clip', zones: [PICTURE], rules })
  const setup = monitorSetup(input, { monitor: 'clip', tenant: 'default', minScore: detector.info.minScore })
  return {
    every: followGated(setup, frames, { analyse: 'every' }).events,
    motion: followGated(setup, frames, { analyse: 'motion' }).events,
  }
}

/** Events that are alerts: the first of each group. */
function alertsOf(events: readonly CameraEvent[]): CameraEvent[] {
  const told = new Set<string>()
  return events.filter(({ id, group }) => {
    const key = group?.id ?? id
    if (told.has(key)) return false
    told.add(key)
    return true
  })
}

/** For each visit its alerts; and those that belong to none. */
function byVisit(
  { visits, seconds }: VisitedClip,
  { slower = 1, times = 1 }: Alteration,
  alerts: readonly CameraEvent[],
) {
  const left = [...alerts]
  const all = Array.from({ length: times }, (_, round) =>
    visits.map(({ fromS, toS }) => ({ fromS: fromS + round * seconds, toS: toS + round * seconds })),
  ).flat()
  const counts = all.map(({ fromS, toS }) => {
    const own = left.filter(({ mediaMs }) => {
      const atS = mediaMs / 1000 / slower
      return atS >= fromS - SLACK_S && atS <= toS + SLACK_S
    })
    for (const alert of own) left.splice(left.indexOf(alert), 1)
    return own.length
  })
  return { visits: counts, nothing: left.length }
}

/** How many of each were told. */
function subjectsOf(events: readonly CameraEvent[]) {
  const labels = events.map(({ objects }) => objects[0]?.label)
  return {
    persons: labels.filter((label) => label === 'person').length,
    cars: labels.filter((label) => label !== 'person' && label !== 'bicycle' && label !== 'motorcycle')
      .length,
  }
}

const told = (events: readonly CameraEvent[]) =>
  values.verbose
    ? events.map(({ mediaMs, message, subject }) => `${mediaMs} ${message} ${subject}`)
    : undefined

function say(about: object): void {
  process.stdout.write(`${JSON.stringify(about)}\n`)
}

const { ffmpeg } = await resolveFfmpeg(() => undefined)
const detector = await openDetector(chooseModel(values.model))
const folder = mkdtempSync(join(tmpdir(), 'murmur-visits-'))
const wanted = (what: string, alterations: readonly Alteration[]) =>
  values.what === undefined || values.what === what
    ? alterations.filter(({ name }) => values.only === undefined || values.only === name)
    : []
try {
  const street = asset(STREET.file)
  const square = asset(SQUARE.file)
  if (!street || !square) throw new Error('the clips are not here (MURMUR_ASSETS)')
  for (const alteration of wanted('visits', ALTERATIONS)) {
    const { times = 1 } = alteration
    const material: Material = { clip: STREET, file: street, alteration, classes: ['person', 'vehicle'] }
    const events = await eventsOf(material, detector, ffmpeg)
    for (const analyse of ['every', 'motion'] as const) {
      const { persons, cars } = subjectsOf(events[analyse])
      say({
        ...{ clip: 'street', alteration: alteration.name, analyse },
        ...byVisit(STREET, alteration, alertsOf(events[analyse])),
        ...{
          persons: `${persons} of ${times * STREET_SUBJECTS.persons}`,
          cars: `${cars} of ${times * STREET_SUBJECTS.cars}`,
        },
        told: told(events[analyse]),
      })
    }
  }
  for (const [place, file, clip, every] of [
    ['street', street, STREET, 3],
    ['square', square, SQUARE, 6],
  ] as const) {
    const still = join(folder, `${place}.mp4`)
    await emptyScene(ffmpeg, file, { out: still, seconds: STILL_SECONDS, fps: clip.fps, every })
    for (const alteration of wanted('nothing', STILLS)) {
      const events = await eventsOf({ clip, file: still, alteration, classes: ['person'] }, detector, ffmpeg)
      for (const analyse of ['every', 'motion'] as const)
        say({
          place,
          alteration: alteration.name,
          analyse,
          alerts: alertsOf(events[analyse]).length,
          told: told(events[analyse]),
        })
    }
  }
} finally {
  await detector.close()
  rmSync(folder, { recursive: true, force: true })
}
