import t from 'tap'
import { agentDispatchViewExample } from '#schemas/agent-policy.ts'
import { integrityViewExample } from '#schemas/integrity.ts'
import { partitionsViewExample } from '#schemas/partition-epochs.ts'
import { siteViewExample } from '#schemas/site.ts'
import { storageLevelExample } from '#schemas/storage.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import {
  budgetUsed,
  markMeaning,
  partsOf,
} from '../../../../services/console/screens/system/system-health.ts'

const STATUS: SystemStatus = {
  v: 1,
  atMs: 1,
  queues: { intake: { waiting: 0, inWork: 0 }, tasks: [], steps: [] },
  agents: [{ type: 'ocr', instances: 2, capacity: 4, inFlight: 0 }],
  serviceLevels: {
    windowS: 300,
    accepted: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    acceptedPerSecond: 0,
    endedPerSecond: 0,
    errorRate: 0,
  },
  storage: [{ ...storageLevelExample, mark: 0, share: 0.1 }],
}
const healthOf = (about: Partial<SystemStatus>, more: Parameters<typeof partsOf>[1] = {}) =>
  Object.fromEntries(partsOf({ ...STATUS, ...about }, more).map(({ name, health }) => [name, health]))

t.test('a system that is well is told so, without what may not be read', async (t) => {
  t.strictSame(healthOf({}), { Agents: 'ok', Intake: 'ok', Storage: 'ok' })
  const partitions = partitionsViewExample
  t.strictSame(healthOf({}, { partitions, dispatches: [agentDispatchViewExample] }), {
    Orchestrators: 'ok',
    Agents: 'ok',
    'Circuit breakers': 'ok',
    Intake: 'ok',
    Storage: 'ok',
  })
})

t.test('each part says what is wrong with it', async (t) => {
  const dead = { ...partitionsViewExample, orchestrators: 0 }
  t.match(healthOf({}, { partitions: dead }), { Orchestrators: 'bad' })
  t.match(healthOf({}, { partitions: { ...partitionsViewExample, unaware: ['a'] } }), {
    Orchestrators: 'warn',
  })
  t.match(healthOf({ agents: [] }), { Agents: 'warn' })
  const steps = [{ agent: 'gone', priority: 2 as const, waiting: 1, inWork: 0 }]
  t.match(healthOf({ queues: { ...STATUS.queues, steps } }), { Agents: 'bad' })
  const breaker = { ...agentDispatchViewExample.breaker, state: 'open' as const }
  t.match(healthOf({}, { dispatches: [{ ...agentDispatchViewExample, breaker }] }), {
    'Circuit breakers': 'bad',
  })
  t.match(healthOf({ queues: { ...STATUS.queues, intake: { waiting: 500, inWork: 0 } } }), {
    Intake: 'warn',
  })
  t.match(healthOf({ storage: undefined }), { Storage: 'warn' })
  t.match(healthOf({ storage: [storageLevelExample] }), { Storage: 'bad' })
  t.match(healthOf({ storage: [{ ...storageLevelExample, refuses: false }] }), { Storage: 'warn' })
  t.match(healthOf({ sites: [siteViewExample] }), { Sites: 'warn' })
  t.match(healthOf({ sites: [{ ...siteViewExample, link: 'up' }] }), { Sites: 'ok' })
})

t.test('each mark has its meaning', async (t) => {
  const meanings = [0, 1, 2, 3].map((mark) => markMeaning({ mark, refuses: true }))
  t.equal(new Set(meanings).size, 4)
  t.match(meanings[1], /refused/)
  t.not(markMeaning({ mark: 1, refuses: false }), meanings[1])
})

t.test('the budget is what may fail', async (t) => {
  t.equal(budgetUsed({ completed: 0, failed: 0, errorRate: 0 }, 0.99), undefined)
  t.equal(budgetUsed({ completed: 10, failed: 0, errorRate: 0 }, 0.99), 0)
  t.equal(budgetUsed({ completed: 98, failed: 2, errorRate: 0.02 }, 0.99)?.toFixed(6), '2.000000')
})

t.test('what the audit of the log has found is part of it, where that may be read', async (t) => {
  const name = 'Integrity of the log'
  t.equal(healthOf({}, { integrity: integrityViewExample })[name], 'ok')
  t.equal(healthOf({}, { integrity: { ...integrityViewExample, isStale: true } })[name], 'warn')
  t.equal(healthOf({}, { integrity: null })[name], 'warn')
  t.equal(healthOf({}, { integrity: { ...integrityViewExample, violations: 1 } })[name], 'bad')
})
