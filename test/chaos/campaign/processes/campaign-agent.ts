import { appendFileSync } from 'node:fs'
import { z } from 'zod'
import {
  type AgentContext,
  defineAgent,
  done,
  fail,
  retry,
  runAgent,
} from '../../../../services/sdk/index.ts'
import { AGENT_TYPES } from '../random-load.ts'

const journal = process.env.CHAOS_JOURNAL!
const bornAtMs = Date.now()

const orderSchema = z.object({
  salt: z.int(),
  values: z.array(z.int().nullable()),
  workMs: z.number(),
  behaviour: z.enum(['compute', 'retry', 'fail', 'invalid', 'poison', 'block']),
  succeedsAt: z.int(),
  padding: z.int(),
})

/** A line that a SIGKILL at once after it can't take back: the system has it. */
function note(kind: 'start' | 'effect' | 'end', agent: string, ctx: AgentContext): void {
  const { taskId, stepId, attempt } = ctx
  const about = { kind, atMs: Date.now(), pid: process.pid, bornAtMs, agent, taskId, stepId, attempt }
  appendFileSync(journal, `${JSON.stringify({ ...about, instance: process.env.MURMUR_INSTANCE })}\n`)
}

function block(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

/** Computes something that can be checked, and misbehaves as its order says. */
const agentOf = (name: string) =>
  defineAgent({
    name,
    input: orderSchema,
    output: z.object({ value: z.int(), padding: z.string().optional() }),
    limits: { concurrency: 8 },
    async handle({ salt, values, workMs, behaviour, succeedsAt, padding }, ctx) {
      note('start', name, ctx)
      if (behaviour === 'block') block(workMs)
      else await new Promise((resolve) => setTimeout(resolve, workMs))
      if (behaviour === 'poison') process.kill(process.pid, 'SIGKILL')
      note('effect', name, ctx)
      const value = values.reduce<number>((sum, v, i) => (sum + (i + 2) * (v ?? 7)) % 1_000_003, salt)
      note('end', name, ctx)
      if (behaviour === 'fail') return fail('TOLD_TO_FAIL', 'its order says so')
      if (behaviour === 'invalid') return { output: 'neither done, nor retry, nor fail' } as never
      if (behaviour === 'retry' && ctx.attempt < succeedsAt) return retry('its order says so')
      return done({ value, ...(padding > 0 && { padding: 'x'.repeat(padding) }) })
    },
  })

await runAgent(...AGENT_TYPES.map(agentOf))
