import t from 'tap'
import { ArchiveLag } from '../../../services/orchestrator/history/archive-lag.ts'
import { createManualClock } from '../../../services/platform/clock/manual-clock.ts'
import { silentLog } from '../../../services/platform/telemetry/logger.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'

/** Partition 3, archived up to `upTo` of a log with these messages. */
function world() {
  const clock = createManualClock()
  const metrics = createMetrics()
  const state = {
    upTo: undefined as number | undefined,
    messages: [] as { seq: number; storedAtMs: number }[],
    owned: [3],
    asked: 0,
  }
  const lag = new (class extends ArchiveLag {
    next = () => this.poll()
  })({
    bus: {
      streams: {
        createdAt: async () => 'then',
        placeFrom: async (_stream, from, subject) => {
          state.asked++
          t.equal(subject, 'log.3.>')
          return state.messages.find(({ seq }) => seq >= from)
        },
      },
    },
    history: {
      archivedUpTo: (created, partition) => (created === 'then' && partition === 3 ? state.upTo : undefined),
      backlogOf: () => ({ events: 7, bytes: 4900 }),
    },
    owned: () => state.owned,
    ...{ metrics, clock, log: silentLog },
  })
  const told = async (name: string) =>
    new RegExp(`^murmur_archive_lag_${name}\\{partition="3"\\} (.*)$`, 'm').exec(await metrics.expose())?.[1]
  return { lag, state, clock, told }
}

t.test('the age of the oldest message that is not archived; 0 when all of it is', async (t) => {
  const { lag, state, clock, told } = world()
  state.upTo = 5
  state.messages = [5, 8, 9].map((seq) => ({ seq, storedAtMs: clock.nowMs() - 10_000 + seq * 1000 }))
  await lag.next()
  t.equal(await told('seconds'), '2')
  t.equal(await told('events'), '7')
  t.equal(await told('bytes'), '4900')
  await clock.advance(60_000)
  await lag.next()
  t.equal(await told('seconds'), '62', 'it grows, whatever has become of the writer')
  t.equal(state.asked, 1, 'and is not asked for again')
  state.upTo = 8
  await lag.next()
  t.equal(await told('seconds'), '61')
  state.upTo = 9
  await lag.next()
  t.equal(await told('seconds'), '0')
})

t.test('while nobody knows how far the archive is, it is how long that is so', async (t) => {
  const { lag, state, clock, told } = world()
  await lag.next()
  await clock.advance(30_000)
  await lag.next()
  t.equal(await told('seconds'), '30')
  state.upTo = 0
  await lag.next()
  t.equal(await told('seconds'), '0', 'nothing is in the log')
})

t.test('of partitions of others nothing is told', async (t) => {
  const { lag, state, told } = world()
  state.upTo = 1
  await lag.next()
  t.equal(await told('seconds'), '0')
  state.owned = []
  await lag.next()
  t.equal(await told('seconds'), undefined)
})
