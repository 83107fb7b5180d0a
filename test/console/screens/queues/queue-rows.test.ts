import t from 'tap'
import { agentDispatchViewExample } from '#schemas/agent-policy.ts'
import { queueLoadExample } from '#schemas/queue-load.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import {
  depthOf,
  queueRowsOf,
  sharesOf,
  tenantShares,
} from '../../../../services/console/screens/queues/queue-rows.ts'

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

t.test('whose the steps are, and how long the oldest waits, where that may be read', async (t) => {
  const [first, second] = queueRowsOf(STATUS, [], [{ ...queueLoadExample, agent: 'ocr' }])
  t.match(first, { agent: 'ocr', held: 120, oldestAgeMs: 4200 })
  t.equal(second!.tenants, undefined)
  t.strictSame(first!.tenants!.waiting, [
    { tenant: 'acme', count: 100, share: 100 / 120 },
    { tenant: 'default', count: 15, share: 15 / 120 },
    { tenant: undefined, count: 5, share: 5 / 120 },
  ])
  t.equal(first!.tenants!.out.length, 3)
  t.strictSame(tenantShares({ tenants: [{ tenant: 'a', waiting: 0, out: 2 }] }), {
    waiting: [],
    out: [{ tenant: 'a', count: 2, share: 1 }],
  })
})

t.test('without it the status says how long the oldest is on a queue', async (t) => {
  const { queues } = STATUS
  const steps = queues.steps.map((step) => (step.priority === 2 ? { ...step, oldestAgeMs: 900 } : step))
  const [first] = queueRowsOf({ ...STATUS, queues: { ...queues, steps } }, undefined)
  t.match(first, { agent: 'ocr', oldestAgeMs: 900, tenants: undefined })
})

t.test('shares are those beside one tenant that is not named', async (t) => {
  t.strictSame(sharesOf(), [])
  t.strictSame(sharesOf({ a: 1, b: 2 }), [
    { tenant: 'b', share: 0.5 },
    { tenant: 'a', share: 0.25 },
  ])
})
