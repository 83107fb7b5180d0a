import t from 'tap'
import type { Step } from '../../../schemas/plan.ts'
import { camerasOf } from '../../../services/workflow/plan/cameras-of.ts'

const of = (...steps: object[]) => camerasOf({ plan: { steps: steps as Step[] } })
const capture = { id: 'a', agent: 'capture' }
const child = (...steps: object[]) => ({ id: 'c', task: { type: 'plan', plan: { steps } } })

t.test('steps of capture are counted, wherever they stand', async (t) => {
  t.equal(of({ id: 'a', agent: 'ingest' }, { id: 'b', sleep: { ms: 1 } }), 0)
  t.equal(of(capture), 1)
  t.equal(of(capture, { id: 'b', agent: 'capture' }, { id: 'c', agent: 'tracking' }), 2)
  t.equal(of({ id: 'a', agent: 'ingest', fallback: { agent: 'capture' } }), 1)
  t.equal(of({ id: 'a', agent: 'ingest', compensate: { agent: 'capture' } }), 1)
  t.equal(of({ ...capture, fallback: { agent: 'capture' } }), 1, 'one or the other')
  t.equal(of({ ...capture, repeat: { until: 'true', maxIterations: 9 } }), 1, 'one after the other')
})

t.test('a list counts as often as its items run at the same time', async (t) => {
  t.equal(of({ ...capture, forEach: { items: [1, 2] } }), 10, 'the default')
  t.equal(of({ ...capture, forEach: { items: [], concurrency: 700 } }), 700)
})

t.test('child tasks are counted with the task at the top, and not again', async (t) => {
  t.equal(of({ id: 'a', task: { type: 'monitor', input: {} } }), 1)
  t.equal(of({ id: 'a', task: { type: 'report', input: {} } }), 0)
  t.equal(of(child(capture, child(capture))), 2)
  t.equal(
    of({
      ...child({ ...capture, forEach: { items: [], concurrency: 5 } }),
      forEach: { items: [], concurrency: 4 },
    }),
    20,
  )
  const parent = { taskId: 'p', stepId: 'c', attempt: 1, depth: 1 } as never
  t.equal(camerasOf({ plan: { steps: [capture as Step] }, parent }), 0)
})

t.test('no plan makes it a number that is none', async (t) => {
  let steps: object[] = [{ ...capture, forEach: { items: [], concurrency: 1000 } }]
  for (let level = 0; level < 8; level++)
    steps = [{ ...child(...steps), forEach: { items: [], concurrency: 1000 } }]
  t.equal(of(...steps), Number.MAX_SAFE_INTEGER)
})

t.test('a camera of a site counts as one', async (t) => {
  t.equal(of({ id: 'a', agent: 'capture--yard' }, { id: 'b', agent: 'tracking--yard' }), 1)
  t.equal(of({ id: 'a', agent: 'capture-yard' }), 0, 'an agent of another name')
})
