import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { FoldWaits } from '../../../services/orchestrator/partition/fold-waits.ts'

function waits() {
  const clock = createManualClock()
  const partition: { offset: number; level: boolean; error?: Error } = { offset: 10, level: true }
  let asked = 0
  const position = async () => {
    asked++
    if (partition.error) throw partition.error
    return { ...partition, emitted: 0, log: undefined }
  }
  return { folds: new FoldWaits({ store: { position }, clock }), clock, partition, asked: () => asked }
}

t.test(
  'all who wait for a partition look at it together, and each is told when its own is there',
  async (t) => {
    const { folds, clock, partition, asked } = waits()
    const told: string[] = []
    const all = [12, 11, 11].map((seq) =>
      folds.reached(3, seq, 5000).then((isReached) => told.push(`${seq} ${isReached}`)),
    )
    await clock.whenSleeping()
    t.equal(clock.sleeping, 1)
    partition.offset = 11
    await clock.advance(20)
    t.strictSame(told, ['11 true', '11 true'])
    t.equal(asked(), 1)
    partition.offset = 12
    await clock.advance(20)
    await Promise.all(all)
    t.equal(clock.sleeping, 0, 'nobody looks any more')
  },
)

t.test('it is given up in time, and looked at less often then', async (t) => {
  const { folds, clock, asked } = waits()
  const reached = folds.reached(3, 11, 1300)
  await clock.whenSleeping()
  await clock.advance(1400)
  t.equal(await reached, false)
  t.ok(asked() < 30, `${asked()}`)
  t.equal(await folds.reached(3, 11, 1300), false, 'it is late already')
})

t.test('while the partition is built anew, and while Redis is away, nobody can say', async (t) => {
  const { folds, clock, partition } = waits()
  partition.level = false
  partition.offset = 20
  const reached = folds.reached(3, 11, 5000)
  await clock.whenSleeping()
  await clock.advance(100)
  partition.error = new MurmurError('UNAVAILABLE', 'Redis does not serve')
  await clock.advance(100)
  delete partition.error
  partition.level = true
  await clock.advance(100)
  t.equal(await reached, true)
})

t.test('so many may wait and no more', async (t) => {
  const { folds, clock, partition } = waits()
  const all = Array.from({ length: 5000 }, () => folds.reached(1, 11, 5000))
  t.equal(await folds.reached(1, 11, 5000), false)
  partition.offset = 11
  await clock.advance(20)
  t.ok((await Promise.all(all)).every(Boolean))
})
