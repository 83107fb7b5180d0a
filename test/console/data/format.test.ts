import t from 'tap'
import {
  formatBytes,
  formatDuration,
  formatRelative,
  relativeHoldsMs,
} from '../../../services/console/data/format.ts'

t.test('quantities are said in two units at most', async (t) => {
  const durations = [0, 999, 1000, 4249, 59_999, 200_000, 3_600_000, 187_200_000]
  t.strictSame(durations.map(formatDuration), [
    '0 ms',
    '999 ms',
    '1.0 s',
    '4.2 s',
    '1 min',
    '3 min 20 s',
    '1 h',
    '2 d 4 h',
  ])
  t.strictSame(
    [0, 12_000, -180_000, 90_000_000].map((ms) => formatRelative(1e12 - ms, 1e12)),
    ['now', '12 s ago', 'in 3 min', '1 d ago'],
  )
  for (const ms of [0, 999, 5000, 65_000, 4_000_000, 1e9]) {
    const holds = relativeHoldsMs(1e12 - ms, 1e12)
    t.ok(holds >= 250 && holds <= 60_000, `${ms}: ${holds}`)
  }
  t.strictSame([512, 1434, 2_097_152].map(formatBytes), ['512 B', '1.4 KiB', '2.0 MiB'])
})
