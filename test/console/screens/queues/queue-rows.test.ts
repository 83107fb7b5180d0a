import t from 'tap'
import { agentDispatchViewExample } from '#schemas/agent-policy.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import { depthOf, queueRowsOf, sharesOf } from '../../../../services/console/screens/queues/queue-rows.ts'

const STATUS: Pick<SystemStatus, 'queues' | 'agents'> = {
  queues: {
    intake: { waiting: 0, inWork: 0 },
    tasks: [],
    steps: [
      { agent: 'ocr', priority: 0, waiting: 1, inWork: 2 },
      { agent: 'ocr', priority: 2, waiting: 4, inWork: 1 },
      { agent: 'quiet', priority: 2, waiting: 0, inWork: 0 },
    ],
  },
  agents: [{ type: 'ocr', instances: 2, capacity: 8, inFlight: 3 }],
}

t.test('what waits is put together by agent, most first', async (t) => {
  const rows = queueRowsOf(STATUS, undefined)
  t.strictSame(
    rows.map(({ agent }) => agent),
    ['ocr', 'quiet'],
  )
  t.match(rows[0], { held: undefined, queued: [1, 0, 4, 0], inWork: 3, capacity: 8, instances: 2 })
  t.equal(depthOf(rows[0]!), 5)
})

t.test('what is held back counts too, and a policy says what is paused', async (t) => {
  const dispatches = [
    { ...agentDispatchViewExample, agent: 'quiet', waiting: 9, policy: { paused: true, weights: { a: 3 } } },
  ]
  const [first] = queueRowsOf(STATUS, dispatches)
  t.match(first, { agent: 'quiet', held: 9, isPaused: true, weights: [{ tenant: 'a', share: 0.75 }] })
  t.equal(depthOf(first!), 9)
})

t.test('shares are those beside one tenant that is not named', async (t) => {
  t.strictSame(sharesOf(), [])
  t.strictSame(sharesOf({ a: 1, b: 2 }), [
    { tenant: 'b', share: 0.5 },
    { tenant: 'a', share: 0.25 },
  ])
})
