import t from 'tap'
import { compared, lineOf, resultTable } from '../../../loadtest/report/bench-result.ts'
import type { Run } from '../../../loadtest/report/run-contender.ts'

const run = (wallSeconds: number, peakMib: number, rowsRead = 1000): Run => ({
  status: 'done',
  wallSeconds,
  usage: { cpuSeconds: wallSeconds * 1.5, peakMib },
  rowsRead,
  steps: { read: wallSeconds / 3 },
  versions: { node: '24' },
})
const ours = { name: 'murmuration', what: 'report' } as const
const duckdb = { name: 'duckdb', what: 'SUMMARIZE' } as const

t.test('of several runs the middle one in time, and the highest peak', async (t) => {
  const line = lineOf(ours, [run(3, 100), run(1, 400), run(2, 200)], 1000)
  t.match(line, { status: 'done', runs: 3, seconds: 2, cpuSeconds: 3, peakMib: 400, rowsPerSecond: 500 })
  t.match(line.steps, { read: 0.67 })
  t.notOk('isPart' in line)
})

t.test('who reads a part of the rows is marked, and not compared', async (t) => {
  const part = lineOf(ours, [run(1, 100, 200)], 1000)
  t.equal(part.isPart, true)
  t.equal(part.rowsPerSecond, 200)
  const [, other] = compared([part, lineOf(duckdb, [run(2, 50)], 1000)])
  t.notOk('timesOurs' in other!)
})

t.test('ratios are multiples of ours', async (t) => {
  const [first, second] = compared([lineOf(ours, [run(4, 200)], 1000), lineOf(duckdb, [run(1, 50)], 1000)])
  t.notOk('timesOurs' in first!)
  t.strictSame(second!.timesOurs, { seconds: 0.25, cpuSeconds: 0.25, peakMib: 0.25 })
})

t.test('a refused file is a result with its reason', async (t) => {
  const refused: Run = {
    status: 'refused',
    reason: 'too large',
    wallSeconds: 0.5,
    usage: { cpuSeconds: 0.4, peakMib: 80.4 },
  }
  const line = lineOf(ours, [refused], 1000)
  t.strictSame(line, {
    ...ours,
    status: 'refused',
    reason: 'too large',
    runs: 1,
    seconds: 0.5,
    cpuSeconds: 0.4,
    peakMib: 80,
  })
  const text = resultTable(compared([line, lineOf(duckdb, [run(1, 50)], 1000)]))
  t.match(text, /^murmuration \(refused\) +0\.5 +0\.4 +80$/m)
  t.match(text, /^murmuration: refused, too large$/m)
  t.match(text, /^duckdb +1 +1\.5 +50 +1,000 +1,000$/m)
})

t.test('one failed run of three is a failure', async (t) => {
  const failed: Run = { status: 'failed', reason: 'ended with SIGKILL' }
  t.match(lineOf(ours, [run(1, 1), failed, run(1, 1)], 1000), {
    status: 'failed',
    reason: 'ended with SIGKILL',
  })
})
