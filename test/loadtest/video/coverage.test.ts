import t from 'tap'
import type { Tracks } from '#schemas/camera.ts'
import { createCoverage } from '../../../loadtest/video/coverage.ts'

const tracks = (monitor: string, seq: number, frames: number, gated?: number, epoch = 1): Tracks => ({
  ...{ v: 1, camera: monitor, monitor, epoch, seq },
  ...{ capturedAtMs: 0, atMs: 0, mediaMs: 0, latencyMs: 0 },
  ...{ tracks: [], persons: 0, vehicles: 0, frames },
  ...(gated !== undefined && { gated }),
})

t.test('what was looked at and gated, of all frames between the first and the last tracks', async (t) => {
  const coverage = createCoverage()
  for (const each of [
    tracks('a', 100, 60, 30),
    tracks('b', 7, 7),
    tracks('a', 200, 110, 78),
    tracks('b', 17, 16),
  ])
    coverage.take(each)
  t.strictSame(coverage.of(['a', 'b']), { analysed: 59, gated: 48, numbered: 110, silent: 0 })
})

t.test('a camera of which nothing came is told, not left out', async (t) => {
  const coverage = createCoverage()
  coverage.take(tracks('a', 1, 1))
  t.strictSame(coverage.of(['a', 'b']), { analysed: 0, gated: 0, numbered: 0, silent: 2 })
})

t.test('a capture that took over counts from its beginning', async (t) => {
  const coverage = createCoverage()
  for (const each of [
    tracks('a', 500, 400),
    tracks('a', 1, 401, undefined, 2),
    tracks('a', 11, 411, undefined, 2),
  ])
    coverage.take(each)
  t.strictSame(coverage.of(['a']), { analysed: 10, gated: 0, numbered: 10, silent: 0 })
})
