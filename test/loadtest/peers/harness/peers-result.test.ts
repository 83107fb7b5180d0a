import t from 'tap'
import { tablesResultSchema } from '../../../../loadtest/load/evaluation/tables-schema.ts'
import { type PeerOutcome, peersResult } from '../../../../loadtest/peers/harness/peers-result.ts'

const about = {
  durability: 'd',
  recoveryByDefault: 'r',
  recoveryTuned: 'r4',
  step: 's',
  continuation: 'c',
  state: 'q',
  checks: 'k',
  attempts: 'a',
  plans: 'p',
}
const settings = {
  tasks: 500,
  seconds: 10,
  rate: 100,
  recoverySeconds: 90,
  holdMs: 1000,
  slots: 8,
}
const origin = {
  date: '2026-01-01T00:00:00.000Z',
  command: 'x',
  machine: { cores: 2, cpu: 'c', memoryGiB: 1, node: '24.0.0', platform: 'linux', loadBefore: 0 },
}
const ours: PeerOutcome = {
  title: 'Ours',
  about: { ...about, recoveryTuned: undefined },
  versions: 'v1',
  throughput: { tasksPerSecond: 2000, othersShare: 0.034 },
  openLoop: { p50Ms: 5, p99Ms: 20, generatorDelayP99Ms: 2 },
  idleMb: 300,
  recovery: { onHand: 8, seconds: 5, open: 0 },
}

function rowsOf(...outcomes: PeerOutcome[]) {
  const result = peersResult(outcomes, settings, origin)
  tablesResultSchema.parse(result)
  return { result, rows: result.tables[0]!.rows }
}

t.test('figures, as shares of the first', async (t) => {
  const { rows, result } = rowsOf(ours, {
    ...ours,
    title: 'Other',
    about,
    throughput: { tasksPerSecond: 500 },
    tunedRecovery: { onHand: 8, seconds: 6.25, open: 0 },
  })
  t.strictSame(rows[0], ['Ours', '2,000', '1.00 ×', '3.4', '5', '20', '5.0', 'the same', '300'])
  t.strictSame(rows[1], ['Other', '500', '0.25 ×', '–', '5', '20', '5.0', '6.3', '300'])
  t.strictSame(result.notes, [])
})

t.test('one that could not be had has a row, and its reason a note', async (t) => {
  const { rows, result } = rowsOf(ours, { title: 'Gone', about, failure: 'left out, no Go' })
  t.strictSame(rows[1], ['Gone', 'not measured', '–', '–', '–', '–', '–', '–', '–'])
  t.equal(result.notes[0], 'Gone: left out, no Go.')
  t.equal(result.tables[1]!.rows.length, 1, 'how it was run is not said')
})

t.test('a late generator makes latencies void', async (t) => {
  const { rows, result } = rowsOf({ ...ours, openLoop: { p50Ms: 5, p99Ms: 20, generatorDelayP99Ms: 11 } })
  t.strictSame(rows[0]!.slice(4, 6), ['(5)', '(20)'])
  t.match(result.notes[0], /void/)
})

t.test('a recovery that did not come, and one that shows nothing', async (t) => {
  const { rows } = rowsOf({
    ...ours,
    about,
    recovery: { onHand: 8, seconds: undefined, open: 8 },
    tunedRecovery: { onHand: 0, seconds: 1, open: 0 },
  })
  t.strictSame(rows[0]!.slice(6, 8), ['> 90 (8 tasks open)', 'void: nothing on hand'])
})

t.test('the first once more: shares are of the mean of both', async (t) => {
  const again = { title: 'Ours, at the end', about, versions: 'v1', throughput: { tasksPerSecond: 3000 } }
  const { rows } = peersResult([ours], { ...settings, again }, origin).tables[0]!
  t.strictSame(
    rows.map((row) => row.slice(0, 3)),
    [
      ['Ours', '2,000', '0.80 ×'],
      ['Ours, at the end', '3,000', '1.20 ×'],
    ],
  )
  t.equal(rows[1]![6], '–', 'its recovery is not measured again')
})

t.test('latencies beyond what a peer can do are said to be those of a queue', async (t) => {
  const { result } = rowsOf(ours, { ...ours, title: 'Slow', throughput: { tasksPerSecond: 99 } })
  t.match(result.notes, [/^Slow does less than 100 tasks\/s/])
})
