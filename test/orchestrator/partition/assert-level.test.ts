import t from 'tap'
import {
  assertLevel,
  refuseUnreadable,
  unavailableNow,
} from '../../../services/orchestrator/partition/assert-level.ts'
import {
  type PartitionPosition,
  PositionUnreadable,
} from '../../../services/orchestrator/partition/partition-store.ts'

const POSITION: PartitionPosition = { offset: 7, emitted: 7, level: true, log: undefined }
const NOT_NOW = { code: 'UNAVAILABLE', retryAfterMs: 1000 }
const storeOf = (position: () => Promise<PartitionPosition | undefined>) => ({ position })

t.test('the position of a partition that is level', async (t) => {
  t.equal(
    await assertLevel(
      storeOf(async () => POSITION),
      3,
    ),
    POSITION,
  )
})

t.test('of one that is built anew nobody can say what there is', async (t) => {
  const rebuilding = storeOf(async () => ({ ...POSITION, level: false }))
  await t.rejects(assertLevel(rebuilding, 3), NOT_NOW)
  await t.rejects(
    assertLevel(
      storeOf(async () => undefined),
      3,
    ),
    NOT_NOW,
    'nothing is stored of it yet',
  )
  const unreadable = storeOf(() => Promise.reject(new PositionUnreadable('a reset was cut short')))
  await t.rejects(assertLevel(unreadable, 3), NOT_NOW)
})

t.test('what else goes wrong is told as it is', async (t) => {
  const error = new Error('the connection is closed')
  await t.rejects(
    assertLevel(
      storeOf(() => Promise.reject(error)),
      3,
    ),
    error,
  )
})

t.test('in place of a task that can not be read', async (t) => {
  t.throws(() => refuseUnreadable(), { ...NOT_NOW, message: /ask again in a moment$/ })
  t.match(unavailableNow('the moon is away'), {
    ...NOT_NOW,
    message: 'the moon is away; ask again in a moment',
  })
})
