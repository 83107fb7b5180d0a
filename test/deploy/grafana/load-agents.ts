import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { defineAgent, done, fail, retry, runAgent } from '../../../services/sdk/index.ts'

/** Agents for load that has something of everything: work, retries, failures, chunks, time-outs. */
const worker = defineAgent({
  name: 'worker',
  version: '1.0.0',
  input: z.object({ ms: z.int().default(5) }),
  output: z.object({ ok: z.boolean() }),
  limits: { concurrency: 4 },
  async handle({ ms }, ctx) {
    ctx.emit('half of it')
    await wait(ms, undefined, { signal: ctx.signal })
    return done({ ok: true })
  },
})

/** Its first attempt asks to be tried again. */
const flaky = defineAgent({
  name: 'flaky',
  version: '1.0.0',
  input: z.object({}),
  output: z.object({ attempt: z.int() }),
  limits: { concurrency: 4 },
  handle: async (_, ctx) =>
    ctx.attempt === 1 ? retry('not now', { code: 'NOT_YET' }) : done({ attempt: ctx.attempt }),
})

const broken = defineAgent({
  name: 'broken',
  version: '1.0.0',
  input: z.object({}),
  output: z.null(),
  limits: { concurrency: 4 },
  handle: async () => fail('BROKEN', 'it is broken'),
})

/** What it needs is away: its circuit breaker opens. */
const away = defineAgent({
  name: 'away',
  version: '1.0.0',
  input: z.object({}),
  output: z.null(),
  limits: { concurrency: 16 },
  handle: async () => retry('no answer', { code: 'DOWNSTREAM_AWAY' }),
})

await runAgent(worker, flaky, broken, away)
