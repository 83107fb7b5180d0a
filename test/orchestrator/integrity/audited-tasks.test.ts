import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { AuditedTasks } from '../../../services/orchestrator/integrity/audited-tasks.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const KEEP_MS = 1000
const fold = { keepFinishedMs: KEEP_MS }
const ran = { instance: 'x-1', startedAtMs: 1, finishedAtMs: 2 }
let seq = 0
const accepted = (
  taskId: string,
  about: { atMs?: number; bytes?: number; bodyHash?: string } = {},
): LogEvent => {
  const { atMs = 0, bytes = 100, bodyHash = 'a' } = about
  const body = acceptedTask({ taskId, bodyHash, plan: { steps: [{ id: 'a', agent: 'x' }] } })
  return { kind: 'accepted', seq: ++seq, atMs, bytes, body }
}
const done = (taskId: string, atMs = 10): LogEvent => ({
  ...{ kind: 'result', seq: ++seq, atMs, bytes: 100 },
  body: { v: 1, taskId, stepId: 'a', attempt: 1, ...ran, outcome: { kind: 'done', output: 1 } },
})

t.test(
  'a task is followed from its beginning to its end, and whose beginning was missed is not',
  async (t) => {
    const tasks = new AuditedTasks(fold)
    t.match(tasks.take(done('before'), 0), { kind: 'passed', broken: [] })
    const first = accepted('one')
    t.match(tasks.take(first, 3), { kind: 'folded', isLate: false, task: { partition: 3 } })
    tasks.take(accepted('two'), 0)
    t.equal(tasks.size, 2)
    t.equal(tasks.oldestSeq, first.seq)
    t.match(tasks.take(done('one'), 3), { broken: [], task: { id: 'one', state: { status: 'completed' } } })
    t.equal(tasks.oldestSeq, first.seq + 1)
    t.match(tasks.take(done('one'), 3), { kind: 'passed' }, 'what comes late')
    t.equal(tasks.get('one'), undefined)
    t.ok(tasks.get('two'))
  },
)

t.test('what ended is accepted again when it is forgotten, and not before as something else', async (t) => {
  const tasks = new AuditedTasks(fold)
  tasks.take(accepted('one'), 0)
  tasks.take(done('one', 10), 0)
  t.match(tasks.take(accepted('one', { atMs: 20 }), 0), { isLate: true, broken: [] })
  t.match(tasks.take(accepted('one', { atMs: 20, bodyHash: 'b' }), 0), {
    broken: [{ rule: 'accepted-once' }],
  })
  t.match(tasks.take(accepted('one', { atMs: 11 + KEEP_MS, bodyHash: 'b' }), 0), {
    isLate: false,
    broken: [],
  })
  t.equal(tasks.size, 1)
})

t.test('what is overdue is told, the first that came first', async (t) => {
  const tasks = new AuditedTasks(fold)
  for (const id of ['a', 'b', 'c']) tasks.take(accepted(id), 0)
  t.strictSame(tasks.overdue(1000, 9), [])
  t.strictSame(
    tasks.overdue(86_400_000, 2).map(({ id }) => id),
    ['a', 'b'],
  )
})

t.test('those that came first give way, and a partition that can not be followed is dropped', async (t) => {
  const tasks = new AuditedTasks(fold)
  for (let i = 0; i < 40; i++) tasks.take(accepted(`large-${i}`, { bytes: 1024 * 1024 }), i % 2)
  t.equal(tasks.size, 32)
  t.equal(tasks.get('large-7'), undefined)
  t.ok(tasks.get('large-8'))
  tasks.dropPartition(0)
  t.equal(tasks.size, 16)
  t.equal(tasks.get('large-8'), undefined)
  tasks.clear()
  t.equal(tasks.size, 0)
  for (let i = 0; i < 33; i++) tasks.take(accepted(`again-${i}`, { bytes: 1024 * 1024 }), 0)
  t.equal(tasks.size, 32, 'what was dropped takes no room')
})
