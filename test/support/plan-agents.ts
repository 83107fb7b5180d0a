import { z } from 'zod'
import { type AnyAgentDefinition, defineAgent } from '../../services/sdk/define-agent.ts'
import { done, fail, retry } from '../../services/sdk/outcome.ts'

/** What the agents of a test have seen. */
export interface Seen {
  /** What was undone, in order. */
  undone: string[]
  /** Steps that began: how often each text came. */
  runs: Map<string, number>
}

/** Small agents for plans of every kind. `hold` resolves when steps of `wait` may go on. */
export function planAgents(seen: Seen, hold: () => Promise<void> = async () => {}): AnyAgentDefinition[] {
  const note = (what: string) => {
    const times = (seen.runs.get(what) ?? 0) + 1
    seen.runs.set(what, times)
    return times
  }
  const numbers = defineAgent({
    name: 'numbers',
    version: '1.0.0',
    input: z.object({ count: z.int(), pad: z.int().optional() }),
    output: z.object({ list: z.array(z.object({ n: z.int(), pad: z.string().optional() })) }),
    handle: async ({ count, pad }) =>
      done({
        list: Array.from({ length: count }, (_, n) => ({ n, ...(pad && { pad: 'x'.repeat(pad) }) })),
      }),
  })
  const double = defineAgent({
    name: 'double',
    version: '1.0.0',
    limits: { concurrency: 16 },
    input: z.object({ n: z.int(), index: z.int().optional() }),
    output: z.object({ n: z.int() }),
    handle: async ({ n, index = n }) => {
      note(`double ${index}`)
      return n < 0 ? fail('NEGATIVE', `${n} is negative`) : done({ n: 2 * n })
    },
  })
  const count = defineAgent({
    name: 'count',
    version: '1.0.0',
    input: z.object({ before: z.object({ n: z.int() }).nullable() }),
    output: z.object({ n: z.int() }),
    handle: async ({ before }) => done({ n: (before?.n ?? 0) + 1 }),
  })
  const broken = defineAgent({
    name: 'broken',
    version: '1.0.0',
    input: z.object({ name: z.string(), code: z.string().optional(), good: z.int().optional() }),
    output: z.object({ times: z.int() }),
    handle: async ({ name, code, good = Number.POSITIVE_INFINITY }) => {
      const times = note(name)
      if (times >= good) return done({ times })
      return code === undefined ? fail('BROKEN', 'it is broken') : retry('not now', { code })
    },
  })
  const undo = defineAgent({
    name: 'undo',
    version: '1.0.0',
    input: z.object({ what: z.string(), of: z.unknown() }),
    output: z.null(),
    handle: async ({ what }) => {
      seen.undone.push(what)
      return done(null)
    },
  })
  const wait = defineAgent({
    name: 'wait',
    version: '1.0.0',
    limits: { concurrency: 16 },
    input: z.object({ n: z.int() }),
    output: z.object({ n: z.int() }),
    handle: async ({ n }) => {
      note(`wait ${n}`)
      await hold()
      return done({ n })
    },
  })
  return [numbers, double, count, broken, undo, wait] as AnyAgentDefinition[]
}
