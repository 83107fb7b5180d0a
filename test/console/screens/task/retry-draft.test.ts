import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import {
  draftOf,
  inputAsItWas,
  retryBody,
  stepsAgain,
  stepToEdit,
} from '../../../../services/console/screens/task/retry-draft.ts'
import { taskState } from '../../../support/task-states.ts'

const task: TaskState = taskState('t1', {
  status: 'failed',
  input: { url: 'https://a.example' },
  plan: {
    steps: [
      { id: 'fetch', agent: 'x', input: { url: { $from: 'input.url' } } },
      {
        id: 'parse',
        agent: 'x',
        needs: ['fetch'],
        input: { text: { $from: 'steps.fetch.output.text' }, strict: true },
      },
      { id: 'each', agent: 'x', needs: ['fetch'], input: { of: { $from: 'item' } }, forEach: { items: [1] } },
    ],
  } as TaskState['plan'],
  steps: {
    fetch: { status: 'completed', attempt: 1, output: { text: 'hello' } },
    parse: { status: 'failed', attempt: 2, error: { code: 'BROKEN', message: 'no' } },
    each: { status: 'completed', attempt: 1, output: [] },
  } as TaskState['steps'],
  error: { code: 'BROKEN', message: 'no', stepId: 'parse' } as TaskState['error'],
})
const step = (id: string) => task.plan.steps.find((each) => each.id === id)!

t.test('the step that failed is the one to change, unless another is named', async (t) => {
  t.equal(stepToEdit(task, undefined)?.id, 'parse')
  t.equal(stepToEdit(task, 'fetch')?.id, 'fetch')
  t.equal(stepToEdit({ ...task, error: { ...task.error!, stepId: 'each.3' } }, undefined)?.id, 'each')
})

t.test('references can be replaced by what they stood for, but not those to an item', async (t) => {
  t.strictSame(JSON.parse(inputAsItWas(task, step('parse'))!), { text: 'hello', strict: true })
  t.equal(inputAsItWas(task, step('each')), undefined)
})

t.test('what is as it was changes nothing; what was changed is in the request', async (t) => {
  const draft = draftOf(task, undefined)
  t.strictSame(retryBody(task, draft, 'r'), { body: { requestId: 'r' } })
  t.strictSame(retryBody(task, draftOf(task, 'fetch'), 'r'), {
    body: { requestId: 'r', fromSteps: ['fetch'] },
  })
  t.match(retryBody(task, { ...draft, stepInput: '{"text": "other"}' }, 'r'), {
    body: { plan: { steps: [{ id: 'fetch' }, { id: 'parse', input: { text: 'other' } }, { id: 'each' }] } },
  })
  t.match(retryBody(task, { ...draft, taskInput: '{"url": "b"}' }, 'r'), { body: { input: { url: 'b' } } })
})

t.test('what is no JSON, or no object, is a fault of its field', async (t) => {
  const draft = draftOf(task, undefined)
  t.match(retryBody(task, { ...draft, stepInput: '{' }, 'r'), { field: 'step', fault: /parse is no JSON/ })
  t.match(retryBody(task, { ...draft, stepInput: '[1]' }, 'r'), { field: 'step', fault: /an object/ })
  t.match(retryBody(task, { ...draft, taskInput: '1' }, 'r'), { field: 'task', fault: /an object/ })
})

t.test('the input of a task below is changed where it stands', async (t) => {
  const parent = {
    ...task,
    plan: { steps: [{ id: 'sub', task: { type: 'plan', input: { a: 1 } } }] } as never,
  }
  const draft = draftOf(parent as TaskState, 'sub')
  t.match(retryBody(parent as TaskState, { ...draft, stepInput: '{"a": 2}' }, 'r'), {
    body: { plan: { steps: [{ id: 'sub', task: { type: 'plan', input: { a: 2 } } }] } },
  })
})

t.test('which steps run again is what the server decides', async (t) => {
  t.strictSame(stepsAgain(task, { requestId: 'r' }), { again: ['parse'], kept: ['fetch', 'each'] })
  t.strictSame(stepsAgain(task, { requestId: 'r', fromSteps: ['fetch'] }), {
    again: ['fetch', 'parse', 'each'],
    kept: [],
  })
})
