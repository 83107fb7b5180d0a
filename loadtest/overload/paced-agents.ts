import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineAgent, done, runAgent } from '../../services/sdk/index.ts'

/** Agents that take a fixed time for each step and tell their parent of every one that they begin. */
const paced = (name: string, concurrency: number) =>
  defineAgent({
    name,
    input: z.object({ workMs: z.number() }),
    output: z.object({ ok: z.boolean() }),
    limits: { concurrency },
    async handle({ workMs }) {
      process.send?.({ kind: 'began', agent: name })
      await sleep(workMs)
      return done({ ok: true })
    },
  })

await runAgent(paced('paced', 16), paced('paced-one', 1))
