import t from 'tap'
import { REPORTED_AGENTS, REPORTED_TENANTS } from '#schemas/queue-load.ts'
import { heldLoads, type LoadedStep, mergedLoad } from '../../../services/orchestrator/dispatch/held-loads.ts'

const step = (about: Partial<LoadedStep> = {}): LoadedStep => ({
  agent: 'ocr',
  tenant: 'acme',
  sinceMs: 1000,
  isOut: false,
  ...about,
})

t.test('what waits and what is out, by agent and tenant, and since when the oldest waits', async (t) => {
  const steps = [
    step({ sinceMs: 3000 }),
    step({ sinceMs: 2000 }),
    step({ sinceMs: undefined }),
    step({ isOut: true, sinceMs: 1 }),
    step({ tenant: 'other', isOut: true }),
    step({ agent: 'quiet', isOut: true }),
  ]
  t.strictSame(heldLoads(steps), [
    {
      agent: 'ocr',
      held: 3,
      out: 2,
      oldestSinceMs: 2000,
      tenants: [
        { tenant: 'acme', waiting: 3, out: 1 },
        { tenant: 'other', waiting: 0, out: 1 },
      ],
    },
    { agent: 'quiet', held: 0, out: 1, tenants: [{ tenant: 'acme', waiting: 0, out: 1 }] },
  ])
  t.strictSame(heldLoads([]), [])
})

t.test('types and tenants with most are told, the rest as one number', async (t) => {
  const many = Array.from({ length: REPORTED_TENANTS + 5 }, (_, i) => step({ tenant: `t${i}` }))
  const [load] = heldLoads([...many, step({ tenant: 't44' })])
  t.equal(load!.tenants.length, REPORTED_TENANTS)
  t.strictSame(load!.tenants[0], { tenant: 't44', waiting: 2, out: 0 })
  t.strictSame(load!.others, { tenants: 5, waiting: 5, out: 0 })
  t.equal(load!.held, REPORTED_TENANTS + 6)
  const agents = Array.from({ length: REPORTED_AGENTS + 1 }, (_, i) => step({ agent: `a${i}` }))
  t.equal(heldLoads(agents).length, REPORTED_AGENTS)
})

t.test('what several orchestrators say is put together', async (t) => {
  const one = heldLoads([step({ sinceMs: 5000 }), step({ tenant: 'b' }), step({ tenant: 'b', isOut: true })])
  const other = heldLoads([step({ sinceMs: 500, tenant: 'b' }), step({ tenant: 'c', isOut: true })])
  const unnamed = { ...other[0]!, others: { tenants: 7, waiting: 3, out: 2 } }
  t.strictSame(mergedLoad([one[0]!, unnamed], 2), {
    held: 3,
    out: 2,
    oldestSinceMs: 500,
    tenants: [
      { tenant: 'b', waiting: 2, out: 1 },
      { tenant: 'acme', waiting: 1, out: 0 },
    ],
    others: { tenants: 8, waiting: 3, out: 3 },
  })
  t.strictSame(mergedLoad([], 2), { held: 0, out: 0, tenants: [] })
})
