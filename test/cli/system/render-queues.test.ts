import t from 'tap'
import { queueLoadExample } from '#schemas/queue-load.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderQueues } from '../../../services/cli/system/render-queues.ts'

const lines = (queues: (typeof queueLoadExample)[]) =>
  renderQueues({ atMs: 0, queues }, { paint: noPaint }).map((line) => line.replace(/ +/g, ' ').trim())

t.test('a line for each agent type, with whose the steps are', async (t) => {
  const { oldestAgeMs: _age, others: _others, ...quiet } = queueLoadExample
  const [head, ...rows] = lines([queueLoadExample, { ...quiet, agent: 'quiet', tenants: [] }])
  t.equal(head, 'agent held queued in work oldest tenants: waiting + out')
  t.strictSame(rows, [
    'word-count 120 4 16 4.20 s acme 100 + 12, default 15 + 6, 3 others 5 + 2',
    'quiet 120 4 16',
  ])
})

t.test('more tenants than there is room for are one number', async (t) => {
  const tenants = Array.from({ length: 8 }, (_, i) => ({ tenant: `t${i}`, waiting: 8 - i, out: 1 }))
  const { others: _others, ...load } = queueLoadExample
  const text = lines([{ ...load, tenants }]).at(-1)!
  t.match(text, / t4 4 \+ 1, 3 others 6 \+ 3$/)
})

t.test('without agents it says so', async (t) => {
  t.strictSame(lines([]), ['No agents.'])
})
