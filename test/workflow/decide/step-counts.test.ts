import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import { addStepCounts } from '../../../services/workflow/decide/step-counts.ts'
import { taskState } from '../../support/task-states.ts'

const stateOf = (plan: Plan, steps: Record<string, Partial<StepState>>, about: Partial<TaskState> = {}) =>
  ({
    ...taskState('t'),
    status: 'running',
    priority: 1,
    plan,
    steps: Object.fromEntries(
      Object.entries(steps).map(([id, step]) => [id, { status: 'waiting', attempt: 0, ...step }]),
    ),
    ...about,
  }) as TaskState
const countsOf = (state: TaskState) => {
  const counts = new Map<string, number>()
  addStepCounts(state, 1, counts)
  return Object.fromEntries(counts)
}

const chain: Plan = {
  steps: [
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x', needs: ['a'] },
    { id: 'c', agent: 'y', needs: ['b'] },
  ],
}

t.test('steps are ready, to come, or done', async (t) => {
  t.strictSame(countsOf(stateOf(chain, { a: { status: 'dispatched', attempt: 1 }, b: {}, c: {} })), {
    'x 1 ready': 1,
    'x 1 later': 1,
    'y 1 later': 1,
  })
  t.strictSame(
    countsOf(
      stateOf(chain, { a: { status: 'completed', attempt: 2 }, b: { status: 'backoff', attempt: 1 }, c: {} }),
    ),
    { 'x 1 done': 1, 'x 1 later': 1, 'y 1 later': 1 },
  )
})

t.test('the change is what a task has now less what it had', async (t) => {
  const change = new Map<string, number>()
  addStepCounts(stateOf(chain, { a: { status: 'dispatched', attempt: 1 }, b: {}, c: {} }), -1, change)
  const done = { status: 'completed', attempt: 1 } as const
  addStepCounts(stateOf(chain, { a: done, b: { status: 'dispatched', attempt: 1 }, c: {} }), 1, change)
  t.strictSame(Object.fromEntries([...change].filter(([, delta]) => delta !== 0)), {
    'x 1 later': -1,
    'x 1 done': 1,
  })
})

t.test(
  'of a task that is over only what was done is left, and of one that is paused what is out',
  async (t) => {
    const steps = {
      a: { status: 'completed', attempt: 1 },
      b: { status: 'cancelled', attempt: 1 },
      c: { status: 'skipped' },
    } as const
    t.strictSame(countsOf(stateOf(chain, steps, { status: 'failed' })), { 'x 1 done': 1 })
    const paused = { a: { status: 'dispatched', attempt: 1 }, b: {}, c: {} } as const
    t.strictSame(countsOf(stateOf(chain, paused, { status: 'paused' })), { 'x 1 ready': 1 })
    t.strictSame(countsOf(stateOf(chain, { a: {}, b: {}, c: {} }, { status: 'scheduled' })), {})
  },
)

t.test('what no agent has run is not done', async (t) => {
  const failed = (code: string): Partial<StepState> => ({
    status: 'failed',
    attempt: 1,
    error: { code, message: '' },
  })
  t.strictSame(countsOf(stateOf(chain, { a: failed('QUEUE_TIMEOUT'), b: failed('BROKEN_FILE'), c: {} })), {
    'x 1 done': 1,
    'y 1 later': 1,
  })
  t.strictSame(
    countsOf(stateOf(chain, { a: { status: 'completed' }, b: {}, c: {} })),
    {
      'x 1 later': 1,
      'y 1 later': 1,
    },
    'a result that was brought along',
  )
})

t.test('of a list items count, of which it was not known yet one does', async (t) => {
  const plan: Plan = { steps: [{ id: 'a', agent: 'x', forEach: { items: [] } }] }
  const runs = {
    3: { status: 'dispatched', attempt: 1 },
    4: { status: 'backoff', attempt: 1 },
    items: { status: 'dispatched', attempt: 1 },
  } as const
  const items = { total: 10, next: 5, completed: 2, failed: 1 }
  t.strictSame(countsOf(stateOf(plan, { a: { status: 'running', runs, items } })), {
    'x 1 done': 3,
    'x 1 ready': 1,
    'x 1 later': 1 + 5,
  })
  t.strictSame(countsOf(stateOf(plan, { a: {} })), { 'x 1 later': 1 })
  const { items: list, ...none } = runs
  t.strictSame(countsOf(stateOf(plan, { a: { status: 'running', runs: { items: list } } })), {
    'x 1 later': 1,
  })
  t.ok(none)
})

t.test('what comes behind something that is waited for is not counted before that is over', async (t) => {
  const plan = {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'nap', sleep: { ms: 1000 }, needs: ['a'] },
      { id: 'b', agent: 'x', needs: ['nap'] },
      { id: 'c', agent: 'y', needs: ['b'] },
    ],
  } as unknown as Plan
  const done = { status: 'completed', attempt: 1 } as const
  t.strictSame(countsOf(stateOf(plan, { a: done, nap: { status: 'sleeping' }, b: {}, c: {} })), {
    'x 1 done': 1,
  })
  t.strictSame(countsOf(stateOf(plan, { a: done, nap: { status: 'completed' }, b: {}, c: {} })), {
    'x 1 done': 1,
    'x 1 later': 1,
    'y 1 later': 1,
  })
})
