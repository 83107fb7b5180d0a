import t from 'tap'
import { itemIndex, runStateOf, runsOf, runsOut } from '#workflow/decide/find-run.ts'
import { taskState } from '../../support/task-states.ts'

const state = taskState('t', {
  plan: {
    steps: [
      { id: 'b', agent: 'x', forEach: { items: [] } },
      { id: 'a', agent: 'x' },
    ],
  },
  steps: {
    a: { status: 'dispatched', attempt: 1 },
    b: { status: 'running', attempt: 0, runs: { 2: { status: 'dispatched', attempt: 4 } } },
  },
})

t.test('runs are found by their ids, and nothing else is', async (t) => {
  t.equal(runStateOf(state, 'b.2')?.attempt, 4)
  t.equal(runStateOf(state, 'a')?.attempt, 1)
  for (const runId of ['b.3', 'a.2', 'c', 'toString', 'b.toString', '__proto__'])
    t.equal(runStateOf(state, runId), undefined, runId)
  t.strictSame(
    runsOf(state).map(([runId]) => runId),
    ['b', 'b.2', 'a'],
    'in the order of the plan',
  )
  t.strictSame(
    runsOut(state).map(([runId]) => runId),
    ['b.2', 'a'],
  )
})

t.test('an item is known by the number of its run', async (t) => {
  t.strictSame(
    ['b.2', 'b.outputs', 'b', 'a.2'].map((runId) => itemIndex(state, runId)),
    [2, undefined, undefined, undefined],
  )
})
