import t from 'tap'
import { clipExample } from '../../../schemas/recording.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import {
  renderRecordings,
  renderTimeline,
  spanText,
} from '../../../services/cli/recordings/render-recordings.ts'

const AT_MS = 1_790_000_000_000

t.test('cameras: recorded, not recorded and why, and not captured', async (t) => {
  const about = {
    store: 's',
    fromMs: AT_MS,
    toMs: AT_MS + 1000,
    bytes: 2 ** 30,
    alertBytes: 2 ** 20,
    segments: 1,
  }
  const lines = renderRecordings(
    [
      { ...about, camera: 'a', isRecording: true },
      { ...about, camera: 'b', isRecording: false, reason: 'the disk is full' },
      { ...about, camera: 'c', isRecording: false },
      { camera: 'd', store: 's', bytes: 0, alertBytes: 0, segments: 0, isRecording: false },
      { camera: 'e', store: 's', bytes: 0, alertBytes: 0, segments: 0, isRecording: true },
    ],
    AT_MS + 2000,
    noPaint,
  )
  t.match(lines[1], /a .* now +1\.0 GiB +1\.0 MiB +recording$/)
  t.match(lines[2], /the disk is full$/)
  t.match(lines[3], /not captured$/)
  t.match(lines[4], /d +no video/)
  t.match(lines[5], /e +no video .*waits for the first picture$/)
})

t.test('a timeline: bars where something was, as wide as it lasted', async (t) => {
  const lines = renderTimeline(
    {
      ...{ camera: 'yard', fromMs: AT_MS, toMs: AT_MS + 100_000, stepMs: 10_000, spans: [], events: [] },
      activity: [{ atMs: AT_MS + 50_000, frames: 10, persons: 2, vehicles: 1 }],
      ...{ isCut: true, missing: [] },
    },
    noPaint,
    22,
  )
  t.ok(lines.includes('  none'))
  t.ok(lines.includes(`  ${'▁'.repeat(10)}██${'▁'.repeat(8)}`))
  t.match(lines.join('\n'), /at most 3 at a time[\s\S]*There is more/)
  t.match(
    spanText({ ...clipExample, gaps: [{ fromMs: 1, toMs: 2 }] }),
    /^30\.0 s from .*H\.264, 1920 × 1080, 4\.5 MiB, 1 gap/,
  )
})
