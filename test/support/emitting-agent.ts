import { z } from 'zod'
import { defineAgent, done, retry, runAgent } from '../../services/sdk/index.ts'

const words = (of: readonly string[]) => of.map((word) => `${word} `)

/**
 * An agent for tests of what steps emit: it emits `before`, tells its parent, emits `after` when the parent says so, and ends. Its
 * first attempt ends with `retry`, or with its process, where the input says so.
 */
await runAgent(
  defineAgent({
    name: 'emitting',
    input: z.object({
      before: z.array(z.string()),
      after: z.array(z.string()),
      /** So many numbers after the first words, each emitted for itself, and so many before the last. */
      manyBefore: z.number().default(0),
      many: z.number().default(0),
      firstAttempt: z.enum(['goes-on', 'retries', 'dies']).default('goes-on'),
    }),
    output: z.object({ words: z.number() }),
    limits: { concurrency: 16 },
    async handle({ before, after, manyBefore, many, firstAttempt }, ctx) {
      const told = new Promise<void>((resolve) => {
        process.on('message', (message) => {
          if (message === `go ${ctx.taskId} ${ctx.attempt}`) resolve()
        })
      })
      // Slow enough for all of it to be told, as far as anybody takes it.
      const count = async (to: number) => {
        for (let i = 1; i <= to; i++) {
          ctx.emit(i)
          if (i % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 60))
        }
      }
      for (const word of words(before)) ctx.emit(word)
      await count(manyBefore)
      process.send?.({ kind: 'emitted', taskId: ctx.taskId, attempt: ctx.attempt })
      await told
      if (ctx.attempt === 1 && firstAttempt === 'dies') process.kill(process.pid, 'SIGKILL')
      if (ctx.attempt === 1 && firstAttempt === 'retries') return retry('once more')
      await count(many)
      for (const word of words(after)) ctx.emit(word)
      return done({ words: before.length + after.length })
    },
  }),
)
