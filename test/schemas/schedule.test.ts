import t from 'tap'
import { previewScheduleRequestSchema } from '#schemas/schedule.ts'

t.test('times that no calendar has are refused, not computed with', async (t) => {
  const isTaken = (fromMs: number) =>
    previewScheduleRequestSchema.safeParse({ everyMs: 86_400_000, fromMs, count: 74 }).success
  t.equal(isTaken(Date.UTC(9999, 11, 31)), true)
  for (const fromMs of [Date.UTC(10_000, 0), Number.MAX_SAFE_INTEGER, -1])
    t.equal(isTaken(fromMs), false, String(fromMs))
})
