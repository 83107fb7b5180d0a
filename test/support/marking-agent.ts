import { z } from 'zod'
import { defineAgent, done, fail, runAgent } from '../../services/sdk/index.ts'

/**
 * Agents for tests of where payloads come to lie. `echo` gives back what it gets, and more of it where that is asked for, beside an
 * object that holds it; `failing` fails with it; `held` waits for its parent.
 */
await runAgent(
  defineAgent({
    name: 'echo',
    input: z.object({ text: z.string(), copies: z.number().default(1) }),
    output: z.object({ text: z.string(), object: z.unknown() }),
    limits: { concurrency: 8 },
    async handle({ text, copies }, ctx) {
      ctx.emit(text)
      ctx.progress(0.5, text)
      const object = await ctx.blobs.put(Buffer.from(text), {
        contentType: 'text/plain',
        name: `${text}.txt`,
      })
      return done({ text: text.repeat(copies), object })
    },
  }),
  defineAgent({
    name: 'failing',
    input: z.object({ text: z.string() }),
    output: z.null(),
    async handle({ text }) {
      return fail('NO_LUCK', `it did not work out: ${text}`)
    },
  }),
)
