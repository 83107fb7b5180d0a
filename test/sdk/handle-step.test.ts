import t from 'tap'
import { z } from 'zod'
import { defineAgent } from '../../services/sdk/define-agent.ts'
import { handleStep } from '../../services/sdk/handle-step.ts'
import { done } from '../../services/sdk/outcome.ts'
import { createTestContext } from '../../services/sdk/testing.ts'

/** One run of an agent that returns what it is told, for an input that it takes. */
function run(handle: () => unknown, timeoutMs = 60_000) {
  const agent = defineAgent({
    name: 'told',
    input: z.object({ n: z.int() }),
    output: z.object({ words: z.int() }),
    handle: handle as () => ReturnType<typeof done<{ words: number }>>,
  })
  const { signal } = new AbortController()
  const contextOf = (signal: AbortSignal) => createTestContext({ signal })
  return handleStep(agent, { n: 1 }, { timeoutMs, signal, contextOf })
}

t.test('an output that keeps to its schema', async (t) => {
  t.match((await run(() => done({ words: 3 }))).outcome, { kind: 'done', output: { words: 3 } })
})

t.test('an output that breaks its schema is the fault of the agent, and says where', async (t) => {
  const { outcome } = await run(() => done({ words: 'three' } as never))
  t.match(outcome, { kind: 'fail', error: { code: 'INVALID_STEP_OUTPUT', message: /words/ } })
})

t.test('a handler that does not end is given up when its time is over', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const handled = await run(async () => {
    await promise
    return done({ words: 1 })
  }, 20)
  t.match(handled.outcome, { kind: 'retry', error: { code: 'STEP_TIMEOUT' } })
  resolve()
  await handled.lingering
})
