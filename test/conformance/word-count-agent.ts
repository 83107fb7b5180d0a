import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineAgent, done, runAgent } from '#sdk/index.ts'

/** What the examples in Python and in Go do. */
const wordCount = defineAgent({
  name: 'word-count',
  version: '1',
  input: z.object({ text: z.string(), workMs: z.int().default(0) }),
  output: z.object({ words: z.int() }),
  limits: { concurrency: 3 },
  async handle({ text, workMs }, ctx) {
    ctx.progress(0.5, 'counting')
    if (workMs > 0) await sleep(workMs, undefined, { signal: ctx.signal })
    return done({ words: text.split(/\s+/).filter(Boolean).length })
  },
})

await runAgent(wordCount)
