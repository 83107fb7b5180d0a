import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { HorizonRecord } from '#schemas/checkpoint.ts'
import { firstHorizon } from '../../../services/orchestrator/checkpoints/claim-checkpoints.ts'
import { LogPurge } from '../../../services/orchestrator/checkpoints/log-purge.ts'
import { quietLog } from '../../support/owner-fixture.ts'

function world(before: (number | undefined)[], about: { created?: string; isPurger?: boolean } = {}) {
  const purges: number[] = []
  let firstSeq = 10
  const recordOf = (seq: number): HorizonRecord => ({
    ...firstHorizon('me', 'born-1'),
    ...{ horizon: seq + 5, before: seq },
  })
  const purge = new LogPurge({
    streams: {
      facts: async () => ({
        ...{ created: about.created ?? 'born-1', firstSeq, lastSeq: 100, nowMs: undefined, isLed: true },
      }),
      async purgeUpTo(_, seq) {
        purges.push(seq)
        const count = seq + 1 - firstSeq
        firstSeq = seq + 1
        return count
      },
    },
    checkpoints: {
      async horizons(partition) {
        const seq = before[partition]
        return { stored: seq === undefined ? undefined : { record: recordOf(seq), seq: 1 }, lastSeq: 1 }
      },
    },
    ...{ partitions: before.length, isPurger: () => about.isPurger ?? true, clock: systemClock },
    ...{ log: quietLog, intervalMs: 60_000, onPurged: () => {} },
  })
  return { purge, purges }
}

t.test('the log is purged up to where the partition that is furthest behind needs it, once', async (t) => {
  const { purge, purges } = world([50, 40, 70])
  t.equal(await purge.purge(), 31)
  t.equal(await purge.purge(), 0)
  t.strictSame(purges, [40])
})

t.test('nothing is purged while a partition has said nothing, or of another log', async (t) => {
  for (const { purge, purges } of [world([50, undefined]), world([50], { created: 'born-2' }), world([9])]) {
    t.equal(await purge.purge(), 0)
    t.strictSame(purges, [])
  }
})

t.test('one orchestrator does it', async (t) => {
  const { purge, purges } = world([50], { isPurger: false })
  await purge.start()
  await purge.stop()
  t.strictSame(purges, [])
})
