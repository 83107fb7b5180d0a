import t from 'tap'
import { partitionsViewExample as grown, type PartitionsView } from '#schemas/partition-epochs.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { partitionsLine, renderPartitions } from '../../../services/cli/system/render-partitions.ts'

const made: PartitionsView = {
  partitions: 1,
  epochs: [{ first: 0, count: 1, state: 'current', active: 3 }],
  orchestrators: 1,
  unaware: [],
}
const NOW = 1_790_000_060_000
const lines = (view: PartitionsView) =>
  renderPartitions(view, { paint: noPaint, nowMs: NOW }).map((line) => line.replace(/ +/g, ' ').trim())

t.test('each epoch has a line: what new tasks do, and what becomes of those from before', async (t) => {
  t.strictSame(lines(made).slice(1), ['p0 1 3 new tasks go here'])
  t.strictSame(lines(grown).slice(1), [
    'p0 to p15 16 12 tasks from before end here',
    'p16 to p47 32 340 new tasks go here, for 1 min 00 s',
  ])
  const next = {
    ...made,
    epochs: [...made.epochs, { ...grown.epochs[1]!, state: 'next' as const, fromMs: NOW + 5000 }],
  }
  t.match(lines(next).at(-1), /new tasks go here in 5/)
  const over = { ...grown, epochs: grown.epochs.map((epoch) => ({ ...epoch, active: 0 })) }
  t.match(lines(over)[1], /all tasks have ended/)
})

t.test('who stands in the way is named', async (t) => {
  t.match(lines({ ...made, unaware: ['old-1'] }).at(-1), /no epochs: old-1/)
})

t.test('on one line, while tasks of several epochs are under way', async (t) => {
  t.equal(partitionsLine(made, noPaint), undefined)
  t.equal(partitionsLine(grown, noPaint), '32 partitions, 12 active tasks in 16 from before')
  const next = { ...made, epochs: [...made.epochs, { ...grown.epochs[1]!, state: 'next' as const }] }
  t.equal(partitionsLine(next, noPaint), '1 partitions, 32 are used soon')
})
