import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import type { CameraEvent } from '../../schemas/camera-event.ts'
import type { Detection } from '../../schemas/detection.ts'
import { trackingInputSchema } from '../../schemas/monitor-steps.ts'
import { sceneTruthSchema } from '../../schemas/scene-truth.ts'
import { createGateKeeper } from '../../services/agents/video/capture/motion/frame-gate.ts'
import { createOnnxDetector } from '../../services/agents/video/detection/onnx-detector.ts'
import { openSessions } from '../../services/agents/video/detection/open-sessions.ts'
import type { Frame } from '../../services/agents/video/frames/frame-message.ts'
import { fromFile } from '../../services/agents/video/models/resolve-model.ts'
import { NEW_MONITOR } from '../../services/agents/video/tracking/monitor/monitor-state.ts'
import {
  type MonitorSetup,
  monitorSetup,
  stepMonitor,
} from '../../services/agents/video/tracking/monitor/step-monitor.ts'
import { round } from '../bench/measure.ts'
import { clipFrames } from './clip-frames.ts'
import { chooseModel } from './material.ts'
import { linesAcross } from './measure-video.ts'

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

interface Seen {
  frame: Frame
  detections: Detection[]
}

interface Outcome {
  events: CameraEvent[]
  looked: number
  told: number
}

/** A clip through gate, tracker and rules; `analyse` as a monitor has it. */
function follow(setup: MonitorSetup, seen: readonly Seen[], analyse: 'motion' | 'every'): Outcome {
  const sensitivity = values.sensitivity as 'low' | 'normal' | 'high'
  const gate = createGateKeeper({ input: { analyse, idleFps: 0.5, sensitivity }, tellsAlways: false })
  const outcome: Outcome = { events: [], looked: 0, told: 0 }
  const onTheWay: (() => void)[] = []
  let state = NEW_MONITOR
  const take = (message: Parameters<typeof stepMonitor>[2]) => {
    const step = stepMonitor(setup, state, message, 0)
    state = step.state
    outcome.events.push(...step.events)
    if (step.tracks) gate.returned(step.tracks)
  }
  for (const { frame, detections } of seen) {
    const header = { ...frame.header, pace: 'live' as const }
    const { width, height, contentWidth, contentHeight } = header
    const sizes = { input: { width, height }, content: { width: contentWidth, height: contentHeight } }
    const verdict = gate.decide(frame.planes, sizes, header)
    if (verdict === 'unneeded') {
      const account = gate.left(header)
      if (account) take({ ...header, gated: true, gate: account })
      if (account) outcome.told++
      onTheWay.push(() => undefined)
    } else {
      const { account } = gate
      gate.sent(header, verdict)
      outcome.looked++
      const about = { model: 'here', detector: 'here', skipped: 0, inferMs: 0 }
      onTheWay.push(() => take({ ...header, ...about, detections, ...(account && { gate: account }) }))
    }
    if (onTheWay.length > Number(values.delay)) onTheWay.shift()!()
  }
  for (const arrive of onTheWay) arrive()
  return outcome
}

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
const { file, manifest } = await fromFile(chooseModel(values.model))
const sessions = await openSessions(file, {
  provider: 'cpu',
  sessions: 1,
  log: { info: () => undefined, debug: () => undefined },
})
const detector = await createOnnxDetector(manifest, sessions)
const ratio = Number(values.width) / Number(values.height)
const size = detector.info.inputs.toSorted(
  (a, b) => Math.abs(a.width / a.height - ratio) - Math.abs(b.width / b.height - ratio),
)[0]!
const seen: Seen[] = []
for await (const frame of clipFrames({
  ...{ ffmpeg, clip: values.clip!, ...size, fps: Number(values.fps) },
  ...{ sourceWidth: Number(values.width), sourceHeight: Number(values.height) },
})) {
  const [detections = []] = await detector.detect([frame])
  seen.push({ frame, detections })
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
const every = follow(setup, seen, 'every')
const gated = follow(setup, seen, 'motion')
const missedOf = (events: readonly CameraEvent[]) =>
  truth?.events.filter(
    (event) =>
      !events.some(
        ({ rule, mediaMs }) => rule.id === event.rule && Math.abs(mediaMs - event.atMs) <= SAME_MS,
      ),
  ).length
process.stdout.write(
  `${JSON.stringify({
    clip: values.clip,
    frames: seen.length,
    looked: gated.looked,
    share: round(gated.looked / seen.length, 3),
    told: gated.told,
    events: { every: every.events.length, gated: gated.events.length },
    missing: without(every.events, gated.events),
    more: without(gated.events, every.events),
    ...(truth && {
      ofTruth: truth.events.length,
      missedByEvery: missedOf(every.events),
      missedByGated: missedOf(gated.events),
    }),
  })}\n`,
)
