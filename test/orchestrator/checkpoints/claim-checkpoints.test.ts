import t from 'tap'
import type { HorizonRecord } from '#schemas/checkpoint.ts'
import {
  claimCheckpoints,
  firstHorizon,
  horizonIn,
} from '../../../services/orchestrator/checkpoints/claim-checkpoints.ts'
import { MemoryCheckpointLog } from '../../support/memory-checkpoint-log.ts'

const LOG = { created: 'born-1', firstSeq: 1, lastSeq: 1000, storedAt: async (seq: number) => 10 * seq }
const stateOf = (taskId: string) => ({
  ...{ v: 1 as const, taskId, claim: 'first', foldedTo: 5, upTo: 5, upToMs: 50, state: {} },
})

async function world(about: Partial<HorizonRecord> = {}) {
  const log = new MemoryCheckpointLog()
  const record = { ...firstHorizon('first', 'born-1'), horizon: 500, horizonMs: 5000, ...about }
  await log.writeHorizon(0, record, 0)
  await log.writeState(0, stateOf('a'), { tenant: 'default', afterSeq: 0 })
  return log
}

t.test(
  'who claims goes on from the horizon that there is, and from here on nobody else counts',
  async (t) => {
    const log = await world()
    const claimed = await claimCheckpoints(log, 0, 'second', LOG)
    t.match(claimed, { isAnew: false, record: { horizon: 500, stream: 'born-1' } })
    t.strictSame(claimed.record.claims, [
      { claim: 'first', from: 1 },
      { claim: 'second', from: claimed.seq },
    ])
    t.equal(log.messages.length, 1)
    const third = await claimCheckpoints(log, 0, 'third', LOG)
    t.equal(third.record.claims.length, 3, 'until one has looked at everything')
  },
)

t.test('in a copy of the log, too, which has another name', async (t) => {
  const log = await world()
  const copy = { ...LOG, created: 'born-2' }
  t.match(await claimCheckpoints(log, 0, 'second', copy), { isAnew: false, record: { stream: 'born-2' } })
})

t.test('checkpoints of another log are taken away', async (t) => {
  for (const other of [
    { ...LOG, storedAt: async () => 1 },
    { ...LOG, lastSeq: 499 },
    { ...LOG, created: 'born-2', storedAt: async () => undefined },
  ]) {
    const log = await world()
    const { isAnew, record } = await claimCheckpoints(log, 0, 'second', other)
    t.ok(isAnew)
    t.match(record, { horizon: 0, stream: other.created, claims: [{ claim: 'second' }] })
    t.equal(log.messages.length, 0)
  }
})

t.test('of two that claim at the same time one is heard', async (t) => {
  const log = await world()
  const horizons = await log.horizons(0)
  const late = {
    ...{ writeHorizon: log.writeHorizon.bind(log), removeAll: log.removeAll.bind(log) },
    horizons: async () => horizons,
  }
  await claimCheckpoints(log, 0, 'second', LOG)
  await t.rejects(claimCheckpoints(late, 0, 'third', LOG), /another owner/)
})

t.test('where there is none, all of the log is needed', async (t) => {
  t.equal(await horizonIn(LOG, undefined), undefined)
  const { record, isAnew } = await claimCheckpoints(new MemoryCheckpointLog(), 0, 'me', LOG)
  t.match(record, { horizon: 0, before: 0, claims: [{ claim: 'me', from: 1 }] })
  t.notOk(isAnew)
})
