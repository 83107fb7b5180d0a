import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import type { CameraEvent } from '../../schemas/camera-event.ts'
import type { Sensitivity } from '../../schemas/monitor-request.ts'
import { trackingInputSchema } from '../../schemas/monitor-steps.ts'
import { sceneTruthSchema } from '../../schemas/scene-truth.ts'
import { describeFrame } from '../../services/agents/video/appearance/describe-frame.ts'
import { monitorSetup } from '../../services/agents/video/tracking/monitor/step-monitor.ts'
import { round } from '../bench/measure.ts'
import { clipFrames } from './clip-frames.ts'
import { againstTruth, followGated, type LookedFrame } from './gated-run.ts'
import { chooseModel } from './material.ts'
import { linesAcross } from './measure-video.ts'
import { openDetector } from './open-detector.ts'

/**
 * What the motion gate costs in events and saves in looks: a clip with every frame looked at, and with the gate as a live camera has it
 * (what the tracker wants comes `--delay` frames late). `node loadtest/video/evaluate-motion.ts --clip FILE --width W --height H --fps N
 * [--truth FILE] [--model FILE] [--sensitivity high]`. One line of JSON. With a truth its rules are watched, else lines across
 * the picture and a zone on all of it.
 */
const { values } = parseArgs({
  options: {
    clip: { type: 'string' },
    width: { type: 'string', default: '960' },
    height: { type: 'string', default: '540' },
    fps: { type: 'string', default: '10' },
    truth: { type: 'string' },
    model: { type: 'string' },
    delay: { type: 'string', default: '2' },
    sensitivity: { type: 'string', default: 'normal' },
  },
})
const WHOLE = {
  id: 'all',
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as [number, number][],
}
const SAME_MS = 1000

function keyOf({ rule, subject, direction }: CameraEvent): string {
  return `${rule.id} ${rule.kind === 'crowd' ? subject : ''} ${direction ?? ''}`
}

/** Events of one run that the other does not have within a second. */
function without(events: readonly CameraEvent[], others: readonly CameraEvent[]): string[] {
  const left = [...others]
  return events.flatMap((event) => {
    const found = left.findIndex(
      (other) => keyOf(other) === keyOf(event) && Math.abs(other.mediaMs - event.mediaMs) <= SAME_MS,
    )
    if (found >= 0) left.splice(found, 1)
    return found >= 0 ? [] : [`${keyOf(event)} at ${event.mediaMs}`]
  })
}

const truth =
  values.truth === undefined
    ? undefined
    : sceneTruthSchema.parse(JSON.parse(readFileSync(values.truth, 'utf8')))
const { ffmpeg } = await resolveFfmpeg(() => undefined)
const detector = await openDetector(chooseModel(values.model))
const ratio = Number(values.width) / Number(values.height)
const size = detector.info.inputs.toSorted(
  (a, b) => Math.abs(a.width / a.height - ratio) - Math.abs(b.width / b.height - ratio),
)[0]!
const frames: LookedFrame[] = []
for await (const frame of clipFrames({
  ...{ ffmpeg, clip: values.clip!, ...size, fps: Number(values.fps) },
  ...{ sourceWidth: Number(values.width), sourceHeight: Number(values.height) },
})) {
  const [detections = []] = await detector.detect([frame])
  frames.push({ frame, seen: describeFrame(frame, detections) })
}
await detector.close()
const lines = linesAcross(6)
const input = trackingInputSchema.parse({
  camera: 'clip',
  ...(truth
    ? { zones: truth.zones, lines: truth.lines, rules: truth.rules }
    : {
        ...lines,
        zones: [WHOLE],
        rules: [...lines.rules!, { id: 'stay', kind: 'loitering', zone: 'all', dwellMs: 4000 }],
      }),
})
const setup = monitorSetup(input, { monitor: 'clip', tenant: 'default', minScore: detector.info.minScore })
const about = { sensitivity: values.sensitivity as Sensitivity, delay: Number(values.delay) }
const every = followGated(setup, frames, { ...about, analyse: 'every' })
const gated = followGated(setup, frames, { ...about, analyse: 'motion' })
process.stdout.write(
  `${JSON.stringify({
    clip: values.clip,
    frames: frames.length,
    looked: gated.looked,
    share: round(gated.looked / frames.length, 3),
    told: gated.told,
    events: { every: every.events.length, gated: gated.events.length },
    missing: without(every.events, gated.events),
    more: without(gated.events, every.events),
    ...(truth && {
      ofTruth: truth.events.length,
      missedByEvery: againstTruth(truth, every.events).missed,
      missedByGated: againstTruth(truth, gated.events).missed,
    }),
  })}\n`,
)
