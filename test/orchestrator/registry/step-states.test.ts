import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { StepStates, type StepStore } from '../../../services/orchestrator/registry/step-states.ts'
import { taskState } from '../../support/task-states.ts'

interface World {
  tasks?: TaskState[]
  position?: () => { offset: number; level?: boolean } | undefined
  lastSeq?: number
  readTasks?: StepStore['readTasks']
}

function statesOf({ tasks = [], position = () => ({ offset: 10, level: true }), ...about }: World) {
  const reads: string[] = []
  const store: StepStore = {
    position: async () => position(),
    readTasks:
      about.readTasks ??
      (async (partition, ids) => {
        reads.push(`${partition}: ${ids.join(' ')}`)
        return ids.map((id) => tasks.find((task) => task.id === id))
      }),
  }
  const log = { lastLogSeq: async () => about.lastSeq ?? 10 }
  return { states: new StepStates({ store, log, clock: systemClock }, 4), reads }
}

const step = (taskId: string, stepId = 'a') => ({ taskId, stepId })

t.test('in the order of the question, one look a partition', async (t) => {
  const tasks = ['t1', 't2', 't3', 't4', 't5', 't6'].map((id) => taskState(id))
  const { states, reads } = statesOf({ tasks })
  const found = await states.of('x', [...tasks.map(({ id }) => step(id)).toReversed(), step('t1')])
  t.strictSame(
    found.map((state) => state?.id),
    ['t6', 't5', 't4', 't3', 't2', 't1', 't1'],
  )
  t.equal(reads.length, new Set(tasks.map(({ id }) => partitionOf(id, 4))).size)
})

t.test('a step of another type of agent is none of the requester', async (t) => {
  const { states } = statesOf({ tasks: [taskState('t1')] })
  await t.rejects(states.of('y', [step('t1')]), { code: 'PERMISSION_DENIED' })
  t.match(await states.of('y', [step('t1', 'no-step')]), [{ id: 't1' }], 'one that is not there is nobody’s')
})

t.test('that there is no task is only said by a store that has all of the log', async (t) => {
  t.strictSame(await statesOf({}).states.of('x', [step('none')]), [undefined])
  const rebuilding = statesOf({ position: () => ({ offset: 10, level: false }) })
  await t.rejects(rebuilding.states.of('x', [step('none')]), { code: 'UNAVAILABLE' })
  const emptied = statesOf({ position: () => undefined })
  await t.rejects(emptied.states.of('x', [step('none')]), { code: 'UNAVAILABLE' })
  const unsure = { position: () => ({ offset: 10 }) }
  await t.rejects(statesOf(unsure).states.of('x', [step('none')]), { code: 'UNAVAILABLE' })
  t.match(
    await statesOf({ ...unsure, tasks: [taskState('t1')] }).states.of('x', [step('t1')]),
    [{ id: 't1' }],
    'what is there is there',
  )
})

t.test('a store that is behind the log is given a moment', async (t) => {
  let offset = 8
  const { states, reads } = statesOf({ position: () => ({ offset: offset++, level: true }) })
  t.strictSame(await states.of('x', [step('none')]), [undefined])
  t.equal(reads.length, 3, 'at 8, 9 and 10')
})

t.test('a store that does not answer', async (t) => {
  const { states } = statesOf({ readTasks: () => Promise.reject(new Error('it is away')) })
  await t.rejects(states.of('x', [step('t1')]), { code: 'UNAVAILABLE', message: /it is away/ })
})
