import t from 'tap'
import { formatBytes, formatDuration, textSparkline } from '../../../services/cli/output/quantities.ts'

t.test('durations and sizes keep three figures and never round to the wrong unit', async (t) => {
  const durations: [ms: number, text: string][] = [
    [-3, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [9_994, '9.99 s'],
    [9_996, '10.0 s'],
    [59_960, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_600_000, '1 h 00 min'],
    [26 * 3_600_000, '1 d 02 h'],
  ]
  for (const [ms, text] of durations) t.equal(formatDuration(ms), text)
  const sizes: [bytes: number, text: string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [58_000, '57 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [256 * 1024 * 1024, '256 MiB'],
  ]
  for (const [bytes, text] of sizes) t.equal(formatBytes(bytes), text)
})

t.test('numbers become bars', async (t) => {
  t.equal(textSparkline([0, 1, 2, 4, 8], 10), '▁▂▃▅█')
  t.equal(textSparkline([9, 0, 8], 2), '▁█', 'the last ones count')
  t.equal(textSparkline([0, 0], 5), '▁▁')
  t.equal(textSparkline([], 5), '')
})
