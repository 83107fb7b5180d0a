import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#platform/clock/clock.ts'
import type { Detection } from '#schemas/detection.ts'
import { rulesReplayInputSchema } from '#schemas/rules-replay.ts'
import { openBlock } from '../../services/agents/video/recordings/observations/block-file.ts'
import { framesIn } from '../../services/agents/video/recordings/observations/frame-line.ts'
import { ObservationWriter } from '../../services/agents/video/recordings/observations/observation-writer.ts'
import {
  findBlocks,
  readBlocks,
} from '../../services/agents/video/recordings/observations/read-observations.ts'
import { CameraFiles } from '../../services/agents/video/recordings/store/camera-files.ts'
import { NEW_REPLAY, stepReplay } from '../../services/agents/video/tracking/replay/replay-frames.ts'

// How fast rules run over what a camera has seen, and how much room that takes: an hour at ten frames a second.
const START_MS = 1_790_000_000_000
const FRAMES = 36_000
const OBJECTS = Number(process.argv[2] ?? 3)

function detections(frame: number): Detection[] {
  return Array.from({ length: OBJECTS }, (_, i) => {
    const x = 0.1 + 0.7 * (0.5 + 0.5 * Math.sin(frame / 100 + i * 2)) + Math.random() / 300
    const y = 0.2 + i * 0.1 + Math.random() / 300
    return {
      class: 'person',
      label: 'person',
      score: 0.5 + Math.random() / 2,
      box: [x, y, x + 0.04, y + 0.12],
    }
  })
}

const root = await mkdtemp(join(tmpdir(), 'murmur-replay-'))
const files = new CameraFiles({ tenant: 'default', camera: 'yard', root }, { beforeMs: 0, afterMs: 0 })
const writer = new ObservationWriter({
  ...{ files, clock: systemClock, line: { nowMs: () => START_MS }, minScore: () => 0.35 },
  onFailure: (error) => console.error(error),
})
for (let seq = 1; seq <= FRAMES; seq++) {
  const atMs = START_MS + seq * 100
  const about = {
    v: 1 as const,
    camera: 'yard',
    monitor: 'm1',
    epoch: 1,
    seq,
    capturedAtMs: atMs,
    atMs,
    mediaMs: seq * 100,
  }
  writer.detections({
    ...{ ...about, pace: 'live', model: 'yolox-nano', detector: 'd', skipped: 0, inferMs: 20 },
    detections: detections(seq),
  })
  writer.tracks({ ...about, tracks: [], persons: 0, vehicles: 0, latencyMs: 1, frames: seq })
}
await writer.close()
const zone = {
  id: 'z',
  polygon: [
    [0.2, 0.1],
    [0.6, 0.1],
    [0.6, 0.9],
    [0.2, 0.9],
  ] as [number, number][],
}
const input = rulesReplayInputSchema.parse({
  ...{ camera: 'yard', fromMs: START_MS, toMs: START_MS + FRAMES * 100 + 1 },
  zones: [zone],
  rules: [
    { id: 'enter', kind: 'intrusion', zone: 'z' },
    { id: 'stay', kind: 'loitering', zone: 'z' },
  ],
})
const startedMs = performance.now()
let state = NEW_REPLAY
let events = 0
const found = await findBlocks(files, input)
for (let start: number | undefined = 0; start !== undefined; ) {
  const { blocks, next }: Awaited<ReturnType<typeof readBlocks>> = await readBlocks(found, {
    start,
    maxBytes: 400_000,
  })
  for (const block of blocks)
    for (const frame of framesIn(await openBlock(block))) {
      const step = stepReplay(input, 'default', state, frame)
      state = step.state
      events += step.events.length
    }
  start = next
}
const tookMs = performance.now() - startedMs
console.log(
  `${OBJECTS} objects a frame: ${state.frames} frames, ${events} events in ${Math.round(tookMs)} ms`,
)
console.log(
  `${Math.round((FRAMES * 100) / tookMs)} times real time; ${(files.bytes / FRAMES).toFixed(1)} bytes a frame`,
)
await rm(root, { recursive: true })
