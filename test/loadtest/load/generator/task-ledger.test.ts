import t from 'tap'
import { TaskLedger } from '../../../../loadtest/load/generator/task-ledger.ts'
import { Latencies } from '../../../../loadtest/load/measure/latencies.ts'
import { sampleTask } from '../sample-run.ts'

t.test('every accepted task is open until it is settled, as it was to end or otherwise', async (t) => {
  const ledger = new TaskLedger()
  for (const id of ['a', 'b', 'c', 'd']) ledger.accept(id, { kind: 'small report', ends: 'completed' })
  ledger.accept('e', { kind: 'failing task', ends: 'failed' })
  ledger.accept('a', { kind: 'small report', ends: 'completed' })
  t.equal(ledger.accepted, 5, 'the same one once more is the same')
  t.ok(ledger.settle('a', sampleTask('a')))
  t.ok(ledger.settle('b', sampleTask('b', 'failed')))
  t.notOk(ledger.settle('c', sampleTask('c', 'running')), 'not over')
  t.ok(ledger.settle('e', sampleTask('e', 'failed')))
  t.notOk(ledger.settle('e', sampleTask('e', 'failed')), 'once')
  ledger.markLost('d')
  ledger.markLost('unknown')
  t.strictSame(ledger.openIds, ['c'])
  const [reports, failing] = ledger.outcomes
  t.match(reports, { accepted: 4, asExpected: 1, otherwise: { 'failed STEP_TIMEOUT': 1 }, open: 1, lost: 1 })
  t.match(failing, { accepted: 1, asExpected: 1, open: 0, lost: 0 })
  t.strictSame(ledger.lostIds, ['d'])
  t.equal(Latencies.decoded(reports!.phases.queueMs).at(0.5), 10)
  t.equal(Latencies.decoded(reports!.phases.totalMs).count, 2)
})

t.test('what may end in any way is as expected however it ends', async (t) => {
  const ledger = new TaskLedger()
  ledger.accept('a', { kind: 'failing task', ends: 'any' })
  ledger.settle('a', sampleTask('a', 'cancelled'))
  t.match(ledger.outcomes, [{ asExpected: 1, otherwise: {} }])
})
