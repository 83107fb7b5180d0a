import t from 'tap'
import { replayTasks, wholeTasks } from '../../../services/orchestrator/history/replay.ts'
import { refold } from '../../../services/orchestrator/history/task-fold.ts'
import { rawOf } from '../../support/random-log.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const plan = { steps: [{ id: 'a', agent: 'x' }] }
const accepted = (taskId: string, seq: number) => ({
  ...rawOf({ kind: 'accepted', body: acceptedTask({ plan, taskId }), atMs: 1000, seq }, seq),
  ...{ kind: 'accepted', taskId },
})
const cancelled = (taskId: string, seq: number, about: object = {}) => ({
  ...rawOf({ kind: 'control', body: { v: 1, taskId, action: 'cancel' }, atMs: 2000, seq }, seq),
  ...{ kind: 'control', taskId, ends: 'cancelled' as const, ...about },
})
const options = { keepFinishedMs: 1000 }
const hashOf = (taskId: string, seq: number) =>
  refold([accepted(taskId, seq), cancelled(taskId, seq + 1)], options).ends[0]!.today!

t.test('ends that are the same, another, or none are told apart', async (t) => {
  const same = [accepted('a', 1), cancelled('a', 2, { stateHash: hashOf('a', 1) })]
  const other = [accepted('b', 3), cancelled('b', 4, { stateHash: '0'.repeat(64) })]
  const noEnd = [
    accepted('c', 5),
    { ...accepted('c', 6), ends: 'completed' as const, stateHash: '1'.repeat(64) },
  ]
  const broken = [accepted('d', 7), { ...cancelled('d', 8), data: Buffer.from('{') }]
  t.match(replayTasks([same, other, noEnd, broken], options), {
    compared: 3,
    different: [
      { taskId: 'b', seq: 4, recorded: '0'.repeat(64), today: hashOf('b', 3) },
      { taskId: 'c', seq: 6, recorded: '1'.repeat(64), today: undefined },
    ],
    undecodable: 1,
  })
})

t.test('an unproven result counts for nothing, as then', async (t) => {
  const result = {
    ...rawOf(
      {
        kind: 'result',
        agent: 'x',
        atMs: 1500,
        seq: 2,
        body: {
          v: 1,
          taskId: 'a',
          stepId: 'a',
          attempt: 1,
          instance: 'i',
          startedAtMs: 1,
          finishedAtMs: 2,
          outcome: { kind: 'done', output: {} },
        },
      },
      2,
    ),
    ...{ kind: 'result', taskId: 'a' },
  }
  t.equal(refold([accepted('a', 1), result], options).state?.status, 'completed')
  t.equal(refold([accepted('a', 1), { ...result, unproven: true }], options).state?.status, 'running')
})

t.test('of a segment, tasks that began in it are whole', async (t) => {
  const { whole, parts } = wholeTasks([accepted('a', 1), cancelled('z', 2), cancelled('a', 3)])
  t.strictSame(
    whole.map((events) => events.map(({ seq }) => seq)),
    [[1, 3]],
  )
  t.equal(parts, 1)
})
