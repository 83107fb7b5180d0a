import { z } from 'zod'
import { defineAgent, done, fail, runAgent } from '../../../services/sdk/index.ts'
import { LOAD_AGENTS } from '../users/agent-names.ts'

const payload = z.object({ payload: z.string() })
const nothing = z.object({}).loose()

/** Hands its input on: what is left of a task is the system itself. */
const echo = defineAgent({
  name: LOAD_AGENTS.echo,
  input: payload,
  output: payload,
  limits: { concurrency: 256 },
  handle: (input) => done(input),
})

const fails = defineAgent({
  name: LOAD_AGENTS.fails,
  input: nothing,
  output: nothing,
  limits: { concurrency: 64 },
  handle: () => fail('LOAD_TEST_FAILURE', 'this agent fails, as it is asked to'),
})

/** Hangs until its time is up: as it is told to end, it does, so that it takes no slot for longer. */
const hangs = defineAgent({
  name: LOAD_AGENTS.hangs,
  input: nothing,
  output: nothing,
  limits: { concurrency: 256 },
  handle: (_input, ctx) =>
    new Promise<ReturnType<typeof fail>>((resolve) => {
      ctx.signal.addEventListener('abort', () => resolve(fail('LOAD_TEST_FAILURE', 'it was told to end')), {
        once: true,
      })
    }),
})

await runAgent(echo, fails, hangs)
