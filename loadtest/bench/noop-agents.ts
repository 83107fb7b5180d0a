import { z } from 'zod'
import { defineAgent, done, runAgent } from '../../services/sdk/index.ts'

/** Three agents that do nothing but hand their input on: what is left is the orchestrator's own cost. */
const passOn = (name: string) =>
  defineAgent({
    name,
    input: z.object({ payload: z.string() }),
    output: z.object({ payload: z.string() }),
    limits: { concurrency: 256 },
    handle: ({ payload }) => done({ payload }),
  })

await runAgent(passOn('noop-a'), passOn('noop-b'), passOn('noop-c'))
