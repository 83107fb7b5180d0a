import t from 'tap'
import {
  bestClipAt,
  clipExample,
  findClipsRequestSchema,
  getTimelineRequestSchema,
  MAX_CLIP_MS,
  spanOfAlert,
} from '../../schemas/recording.ts'

t.test('the clip that a moment is in, else the longest', async (t) => {
  const clip = (fromMs: number, toMs: number) => ({ ...clipExample, fromMs, toMs, durationMs: toMs - fromMs })
  const clips = [clip(0, 100), clip(100, 130), clip(200, 290)]
  t.equal(bestClipAt(clips, 120), clips[1])
  t.equal(bestClipAt(clips, 100), clips[0])
  t.equal(bestClipAt(clips, 150), clips[0])
  t.equal(bestClipAt([], 1), undefined)
})

t.test('what may be asked for', async (t) => {
  const span = { camera: 'yard', fromMs: 0, toMs: MAX_CLIP_MS }
  t.ok(findClipsRequestSchema.safeParse(span).success)
  t.notOk(findClipsRequestSchema.safeParse({ ...span, toMs: MAX_CLIP_MS + 1 }).success)
  t.notOk(findClipsRequestSchema.safeParse({ ...span, toMs: 0 }).success)
  t.ok(getTimelineRequestSchema.safeParse({ ...span, toMs: 31 * MAX_CLIP_MS }).success)
  t.notOk(getTimelineRequestSchema.safeParse({ ...span, stepMs: 10 }).success)
  const alert = { camera: 'yard', monitor: 'm1', atMs: 50_000 }
  t.strictSame(spanOfAlert(alert), { camera: 'yard', monitor: 'm1', fromMs: 40_000, toMs: 70_000 })
  t.ok(findClipsRequestSchema.safeParse(spanOfAlert(alert, { beforeMs: 0, afterMs: 0 })).success)
})
