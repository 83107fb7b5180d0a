import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { reportExample } from '#schemas/report.ts'
import { defineAgent, done, fail, runAgent } from '#sdk/index.ts'

const anything = z.looseObject({})

/** Gives back what it gets, in as many pieces of progress and milliseconds as the input says. */
const echo = defineAgent({
  name: 'echo',
  description: 'For tests of the command line',
  input: z.looseObject({ workMs: z.int().default(0), failWith: z.string().optional() }),
  output: anything,
  async handle(input, ctx) {
    ctx.progress(0.5, 'half of it \u001b[31m')
    await sleep(input.workMs, undefined, { signal: ctx.signal })
    return input.failWith === undefined ? done(input) : fail('TOLD_TO_FAIL', input.failWith)
  },
})

const ingest = defineAgent({
  name: 'ingest',
  input: z.looseObject({ name: z.string() }),
  output: anything,
  handle: ({ name }) => done({ name }),
})

const analysis = defineAgent({ name: 'analysis', input: anything, output: anything, handle: () => done({}) })

/** A report that has nothing to do with its sources: the command line only carries it. */
const synthesis = defineAgent({
  name: 'synthesis',
  input: z.looseObject({ title: z.string().optional() }),
  output: anything,
  async handle({ title = reportExample.title }, ctx) {
    const report = { ...reportExample, title }
    const put = (text: string, contentType: string) => ctx.blobs.put(Buffer.from(text), { contentType })
    return done({
      report,
      html: await put('<!doctype html><title>report</title>', 'text/html'),
      json: await put(JSON.stringify(report), 'application/json'),
      // Enough to move the output to the object store.
      padding: 'x'.repeat(20_000),
    })
  },
})

await runAgent(echo, ingest, analysis, synthesis)
