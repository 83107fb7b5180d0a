import { z } from 'zod'
import { defineAgent, done, runAgent } from '../../services/sdk/index.ts'

/** An agent for tests of locks: it has one for the length of a turn, and says with which token. */
await runAgent(
  defineAgent({
    name: 'locking',
    version: '1.0.0',
    input: z.object({ lock: z.string() }),
    output: z.object({ token: z.number() }),
    handle: ({ lock }, ctx) =>
      ctx.locks.withLock(lock, { leaseMs: 5000 }, async ({ token }) => {
        await new Promise((resolve) => setImmediate(resolve))
        return done({ token })
      }),
  }),
)
