import { z } from 'zod'
import { defineAgent, done, runAgent } from '../../services/sdk/index.ts'

/**
 * An agent for tests of faults: takes its time, computes something from its input, and tells its parent what it has in
 * hand. With `poison` it kills its own process each time.
 */
const chaos = defineAgent({
  name: 'chaos',
  input: z.object({
    value: z.number(),
    times: z.number(),
    plus: z.number(),
    workMs: z.number(),
    poison: z.boolean().optional(),
    /** Characters that the output has beside its value. */
    padding: z.number().optional(),
  }),
  output: z.object({ value: z.number(), padding: z.string().optional() }),
  limits: { concurrency: 16 },
  async handle({ value, times, plus, workMs, poison, padding }, ctx) {
    const key = `${ctx.idempotencyKey}:${ctx.attempt}`
    process.send?.({ kind: 'began', key })
    if (poison) process.kill(process.pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, workMs))
    process.send?.({ kind: 'ended', key })
    return done({ value: value * times + plus, ...(padding && { padding: 'x'.repeat(padding) }) })
  },
})

await runAgent(chaos)
