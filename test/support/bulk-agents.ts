import { z } from 'zod'
import { type AgentContext, defineAgent, done, runAgent, storedJson } from '../../services/sdk/index.ts'

// Agents for tests of large inputs: one makes many objects, the others read them in the three ways that there are.

const MEGABYTE = 1024 * 1024
const totalSchema = z.object({ documents: z.number(), characters: z.number() })

/** A list of references to documents of a megabyte each. */
const make = defineAgent({
  name: 'bulk-make',
  input: z.object({ count: z.int() }),
  output: z.array(storedJson),
  limits: { timeoutMs: 600_000 },
  async handle({ count }, ctx) {
    const handles: { $json: Awaited<ReturnType<AgentContext['blobs']['put']>> }[] = []
    for (let i = 0; i < count; i++) {
      const text = JSON.stringify(`${i} `.padEnd(MEGABYTE - 2, 'x'))
      handles.push({ $json: await ctx.blobs.put(Buffer.from(text), { contentType: 'application/json' }) })
    }
    return done(handles)
  },
})

const whole = defineAgent({
  name: 'bulk-whole',
  input: z.object({ documents: z.array(z.string()) }),
  output: totalSchema,
  limits: { timeoutMs: 600_000 },
  handle: ({ documents }) =>
    done({
      documents: documents.length,
      characters: documents.reduce((sum, { length }) => sum + length, 0),
    }),
})

const lazy = defineAgent({
  name: 'bulk-lazy',
  inputLoading: 'lazy',
  input: z.object({ documents: storedJson }),
  output: totalSchema,
  limits: { timeoutMs: 600_000 },
  async handle({ documents }, ctx) {
    const total = { documents: 0, characters: 0 }
    for (const document of z.array(storedJson).parse(await ctx.load(documents))) {
      total.documents++
      total.characters += z.string().parse(await ctx.load(document)).length
    }
    return done(total)
  },
})

const stream = defineAgent({
  name: 'bulk-stream',
  inputLoading: 'lazy',
  input: z.object({ documents: storedJson }),
  output: totalSchema,
  limits: { timeoutMs: 600_000 },
  async handle({ documents }, ctx) {
    const total = { documents: 0, characters: 0 }
    for (const { $json } of z.array(storedJson).parse(await ctx.load(documents))) {
      total.documents++
      for await (const piece of ctx.blobs.stream($json)) total.characters += piece.length
    }
    return done(total)
  },
})

await runAgent(make, whole, lazy, stream)
