import t from 'tap'
import type { Step } from '#schemas/plan.ts'
import { goesOnAtMs, stepsText, waitsFor } from '../../../services/sdk/testing/waiting-tasks.ts'
import { createTestEnvironment } from '../../../services/sdk/testing.ts'

const START_MS = 1_767_225_600_000

async function stateOf(
  steps: Step[],
  act: (env: ReturnType<typeof createTestEnvironment>) => Promise<void> = async () => {},
) {
  const env = createTestEnvironment().agent('slow', (_input, ctx) => ctx.sleep(50_000))
  const { id } = await env.submit({ plan: { steps } })
  await act(env)
  return env.task(id)
}
const none = () => undefined

t.test('when a task goes on by itself', async (t) => {
  const at = async (...about: Parameters<typeof stateOf>) => goesOnAtMs(await stateOf(...about))
  t.equal(await at([{ id: 's', sleep: { ms: 70 } }]), START_MS + 70)
  t.equal(await at([{ id: 's', waitFor: { signal: 'x', timeoutMs: 80 } }]), START_MS + 80)
  t.equal(await at([{ id: 's', waitFor: { signal: 'x' } }]), undefined)
  t.equal(await at([{ id: 's', agent: 'slow' }]), undefined, 'a handler is at it: its own time counts')
  t.equal(await at([{ id: 's', sleep: { ms: 70 } }], (env) => env.pause('task-1')), undefined)
  t.equal(await at([{ id: 's', sleep: { ms: 70 } }], (env) => env.advance(70)), undefined, 'it is over')
})

t.test('what it waits for otherwise', async (t) => {
  const of = async (...about: Parameters<typeof stateOf>) => waitsFor(await stateOf(...about), none)
  t.match(await of([{ id: 's', waitFor: { signal: 'x' } }]), [
    /step "s" awaits signal "x": send it with env\.signal\("task-1", "x"/,
  ])
  t.match(await of([{ id: 's', approval: { title: 'OK?' } }]), [/env\.approve\("task-1", "s".*env\.reject/])
  t.match(await of([{ id: 's', sleep: { ms: 70 } }], (env) => env.pause('task-1')), [
    /env\.resume\("task-1"\)/,
  ])
  t.strictSame(await of([{ id: 's', sleep: { ms: 70 } }]), [])
  t.equal(stepsText(await stateOf([{ id: 's', sleep: { ms: 70 } }])), 's sleeping')
})
