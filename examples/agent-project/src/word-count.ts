import { defineAgent, done, fail, retry, seconds } from '@murmuration/agent'
import { z } from 'zod'

/** Counts the words of a text, and how often each of the most frequent ones comes. */
export const wordCount = defineAgent({
  // What plans name it by.
  name: 'word-count',
  version: '1.0.0',
  description: 'Counts words.',
  // Checked before `handle` is called: a step with another input fails with INVALID_STEP_INPUT.
  input: z.object({
    text: z.string().max(1_000_000),
    top: z.int().min(0).max(100).default(3),
  }),
  // Checked afterwards: what follows in a plan can rely on it.
  output: z.object({
    words: z.int(),
    top: z.array(z.object({ word: z.string(), times: z.int() })),
  }),
  limits: { concurrency: 4, timeoutMs: seconds(10) },

  async handle({ text, top }, ctx) {
    const words = text.toLowerCase().match(/[\p{L}\p{N}'-]+/gu) ?? []
    // Never with this input: no further attempt.
    if (words.length === 0) return fail('TEXT_WITHOUT_WORDS', 'the text has no words')
    const times = new Map<string, number>()
    for (const [index, word] of words.entries()) {
      times.set(word, (times.get(word) ?? 0) + 1)
      if (index % 10_000 > 0) continue
      // Aborted when the time is up, the task has ended or this process stops.
      if (ctx.signal.aborted) return retry('stopped in the middle')
      ctx.progress(index / words.length, 'counting')
    }
    const ranked = [...times].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    return done({
      words: words.length,
      top: ranked.slice(0, top).map(([word, count]) => ({ word, times: count })),
    })
  },
})
