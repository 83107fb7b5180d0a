import t from 'tap'
import type { PartitionEpochs } from '../../../schemas/partition-epochs.ts'
import { madeWith } from '../../../services/orchestrator/partition-epochs/epoch-rules.ts'
import { PartitionsApi } from '../../../services/orchestrator/partition-epochs/partitions-api.ts'

const NOW = 1_000_000

function world({ unaware = [] }: { unaware?: string[] } = {}) {
  let record: PartitionEpochs = madeWith(4)
  let writes = 0
  let provisioned = 0
  const clock = { ms: NOW, nowMs: () => clock.ms }
  const api = new PartitionsApi({
    bus: { serve: () => () => {} } as never,
    known: {
      get record() {
        return record
      },
      read: async () => {},
      change: async (change) => {
        const next = change(record)
        if (next !== record) writes++
        record = next
        return next
      },
    },
    store: {
      depth: async (partition: number) =>
        new Map(
          partition === 1
            ? [
                ['plan', 3],
                ['report', 2],
              ]
            : [],
        ),
    },
    provision: async () => void provisioned++,
    orchestrators: () => ({ members: 2, unaware, longestLeaseMs: 5000 }),
    clock,
  })
  return { api, clock, writes: () => writes, provisioned: () => provisioned }
}

t.test('it is said what is there, what comes and what ends', async (t) => {
  const { api, clock, writes, provisioned } = world()
  t.strictSame(await api.grow({ to: 4 }), {
    partitions: 4,
    epochs: [{ first: 0, count: 4, state: 'current', active: 5 }],
    orchestrators: 2,
    unaware: [],
  })
  t.equal(writes(), 0)
  const fromMs = NOW + 5000 + 10_000
  const next = { first: 4, count: 8, state: 'next', fromMs, active: 0 }
  t.match(await api.grow({ to: 8, dryRun: true }), { partitions: 4, epochs: [{ state: 'current' }, next] })
  t.strictSame([writes(), provisioned()], [0, 0], 'only said')
  t.match(await api.grow({ to: 8 }), { partitions: 4, epochs: [{ state: 'current' }, next] })
  clock.ms = fromMs
  t.match(await api.grow({ to: 8 }), {
    partitions: 8,
    epochs: [
      { state: 'ending', active: 5 },
      { ...next, state: 'current' },
    ],
  })
  t.strictSame([writes(), provisioned()], [1, 1], 'to streams as they are to be')
})

t.test('while an orchestrator lives that knows of no epochs there are no more', async (t) => {
  const { api, writes } = world({ unaware: ['old-1'] })
  await t.rejects(api.grow({ to: 8 }), { code: 'PARTITIONS_CONFLICT', message: /old-1/ })
  await t.rejects(api.grow({ to: 8, dryRun: true }), { code: 'PARTITIONS_CONFLICT' })
  t.match(await api.grow({ to: 4 }), { unaware: ['old-1'] }, 'what is so already is no change')
  t.equal(writes(), 0)
})
