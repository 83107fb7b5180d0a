import t from 'tap'
import { openBlock } from '../../../../../services/agents/video/recordings/observations/block-file.ts'
import {
  framesIn,
  type SeenFrame,
} from '../../../../../services/agents/video/recordings/observations/frame-line.ts'
import { ObservationWriter } from '../../../../../services/agents/video/recordings/observations/observation-writer.ts'
import {
  findBlocks,
  readBlocks,
} from '../../../../../services/agents/video/recordings/observations/read-observations.ts'
import { CameraFiles } from '../../../../../services/agents/video/recordings/store/camera-files.ts'
import { temporaryFolder } from '../open-store.ts'

const START_MS = 1_790_000_000_000

t.test('used, late, or without a tracker: each frame once, in the order in which it came', async (t) => {
  const root = await temporaryFolder(t)
  const files = new CameraFiles({ tenant: 'default', camera: 'yard', root }, { beforeMs: 0, afterMs: 0 })
  let nowMs = 0
  const clock = { monotonicMs: () => nowMs }
  const writer = new ObservationWriter({
    ...{ files, clock, line: { nowMs: () => START_MS + nowMs }, minScore: () => 0.3 },
    onFailure: (error) => t.fail(String(error)),
  })
  const seen = (seq: number): SeenFrame => ({
    ...{ v: 1, camera: 'yard', monitor: 'm1', epoch: 1, seq, atMs: START_MS + seq * 100, pace: 'live' },
    detections: [],
  })
  const about = {
    v: 1 as const,
    camera: 'yard',
    monitor: 'm1',
    epoch: 1,
    capturedAtMs: 0,
    atMs: 0,
    mediaMs: 0,
  }
  const tracks = (seq: number) =>
    writer.tracks({ ...about, seq, tracks: [], persons: 0, vehicles: 0, latencyMs: 0, frames: seq })
  for (const seq of [1, 2, 3, 4]) writer.detections(seen(seq))
  for (const seq of [1, 3, 4]) tracks(seq)
  nowMs = 1900
  writer.detections(seen(5))
  tracks(5)
  nowMs = 2100
  writer.tick()
  nowMs = 20_000
  writer.detections(seen(6))
  nowMs = 30_000
  writer.tick()
  await writer.close()
  const span = { fromMs: START_MS, toMs: START_MS + 10_000 }
  const found = await findBlocks(files, span)
  t.equal(found.length, 2, 'a block ends after five seconds')
  t.match(
    found.map(({ block }) => block),
    [{ frames: 5 }, { frames: 1 }],
  )
  const { blocks, next } = await readBlocks(found, { start: 0, maxBytes: 1 })
  t.strictSame([blocks.length, next], [1, 1], 'one at least, and where to go on')
  const rest = await readBlocks(found, { start: 1, maxBytes: 1000 })
  const texts = await Promise.all([...blocks, ...rest.blocks].map((block) => openBlock(block)))
  t.strictSame(
    texts
      .flatMap((text) => framesIn(text))
      .map((frame) => [frame.seen.seq, frame.unused ?? 'used', frame.minScore]),
    [
      [1, 'used', 0.3],
      [2, 'late', 0.3],
      [3, 'used', 0.3],
      [4, 'used', 0.3],
      [5, 'used', 0.3],
      [6, 'away', 0.3],
    ],
  )
})

t.test('what was said side by side is kept in the order in which the tracker used it', async (t) => {
  const root = await temporaryFolder(t)
  const files = new CameraFiles({ tenant: 'default', camera: 'yard', root }, { beforeMs: 0, afterMs: 0 })
  const writer = new ObservationWriter({
    ...{ files, clock: { monotonicMs: () => 0 }, line: { nowMs: () => START_MS }, minScore: () => 0.3 },
    onFailure: (error) => t.fail(String(error)),
  })
  const about = { v: 1 as const, camera: 'yard', monitor: 'm1', epoch: 1 }
  // Capture says that nothing has moved in 3 before the detector says what it saw in 2.
  for (const seq of [1, 3, 2, 4]) writer.detections({ ...about, seq, atMs: START_MS + seq, detections: [] })
  const counts = { capturedAtMs: 0, atMs: 0, mediaMs: 0, persons: 0, vehicles: 0, latencyMs: 0, frames: 0 }
  for (const seq of [2, 3, 1, 4]) writer.tracks({ ...about, ...counts, seq, tracks: [] })
  await writer.close()
  const found = await findBlocks(files, { fromMs: START_MS, toMs: START_MS + 10 })
  const { blocks } = await readBlocks(found, { start: 0, maxBytes: 1000 })
  const texts = await Promise.all(blocks.map((block) => openBlock(block)))
  t.strictSame(
    texts.flatMap((text) => framesIn(text)).map(({ seen }) => seen.seq),
    [2, 3, 1, 4],
  )
})
