import fc from 'fast-check'
import t from 'tap'
import { recordingStart } from '../../../../services/agents/video/capture/recording-start.ts'

const NOW_MS = Date.parse('2026-11-30T04:00:00Z')
const DAY_MS = 86_400_000

t.test('the request counts before the file, and the file before the clock', async (t) => {
  const asked = { startsAtMs: Date.parse('2026-11-01T10:00:00Z'), from: 'request' }
  t.strictSame(recordingStart('2026-11-01T10:00:00Z', 5, NOW_MS), asked)
  t.strictSame(recordingStart('2026-11-01T12:00:00+02:00', undefined, NOW_MS), asked)
  t.strictSame(recordingStart(undefined, 5, NOW_MS), { startsAtMs: 5, from: 'file' })
  t.strictSame(recordingStart(undefined, undefined, NOW_MS), { startsAtMs: NOW_MS, from: 'clock' })
})

t.test(
  'the clock of a camera may go ahead by less than a day; a file from the future says nothing',
  async (t) => {
    t.equal(recordingStart(undefined, NOW_MS + DAY_MS - 1, NOW_MS).from, 'file')
    t.strictSame(recordingStart(undefined, NOW_MS + DAY_MS, NOW_MS), { startsAtMs: NOW_MS, from: 'clock' })
    const future = '2030-01-01T00:00:00Z'
    t.equal(recordingStart(future, undefined, NOW_MS).startsAtMs, Date.parse(future), 'whoever asks may')
  },
)

t.test('without a request, nothing begins more than a day ahead', async () => {
  const times = fc.option(fc.integer({ min: 0, max: NOW_MS * 2 }), { nil: undefined })
  fc.assert(
    fc.property(times, (createdAtMs) => {
      const { startsAtMs, from } = recordingStart(undefined, createdAtMs, NOW_MS)
      return startsAtMs < NOW_MS + DAY_MS && startsAtMs === (from === 'file' ? createdAtMs : NOW_MS)
    }),
  )
})
