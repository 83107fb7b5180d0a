import { readFile } from 'node:fs/promises'
import t from 'tap'
import { reportSchema } from '#schemas/report.ts'
import { createTestContext } from '#sdk/testing.ts'
import { synthesisAgent } from '../../../../services/agents/report/synthesis/agent.ts'
import { blobRef } from './analysis-fixtures.ts'
import { climateAnalysis } from './climate-analysis.ts'

const PICTURE = new URL('../../../../examples/report/warming-stripes.png', import.meta.url)

t.test('stores the report as HTML and JSON and returns it', async (t) => {
  const ctx = createTestContext()
  const thumbnail = await ctx.blobs.put(await readFile(PICTURE), { contentType: 'image/png' })
  const input = synthesisAgent.input.parse({ title: 'Climate', analysis: climateAnalysis(thumbnail) })
  const outcome = await synthesisAgent.handle(input, ctx)
  if (outcome.kind !== 'done') throw new Error(`ended as ${outcome.kind}`)
  const { report, html, json } = synthesisAgent.output.parse(outcome.output)
  t.equal(html.contentType, 'text/html')
  t.equal(json.contentType, 'application/json')
  t.equal(report.generatedAtMs, ctx.nowMs())
  const stored = reportSchema.parse(JSON.parse(new TextDecoder().decode(await ctx.blobs.get(json))))
  t.same(stored, report)
  const page = new TextDecoder().decode(await ctx.blobs.get(html))
  t.match(page, '<img src="data:image/png;base64,')
  t.equal(ctx.progressed.at(-1)?.fraction, 1)
  t.match(ctx.logged, [{ level: 'warn', fields: { blob: 'test/gone' } }], 'the picture that is gone is told')
})

t.test('a store that fails otherwise fails the step, to be tried again', async (t) => {
  const ctx = createTestContext()
  const broken = { ...ctx, blobs: { ...ctx.blobs, get: () => Promise.reject(new Error('connection lost')) } }
  await t.rejects(
    async () => synthesisAgent.handle({ analysis: climateAnalysis() }, broken),
    new Error('connection lost'),
  )
})

t.test('pictures that could run code or are too large are not shown', async (t) => {
  const ctx = createTestContext()
  const svg = await ctx.blobs.put(new TextEncoder().encode('<svg onload="x"/>'), {
    contentType: 'image/svg+xml',
  })
  const large = await ctx.blobs.put(new Uint8Array(400_000), { contentType: 'image/webp' })
  for (const thumbnail of [svg, large, blobRef('nowhere')]) {
    const outcome = await synthesisAgent.handle({ analysis: climateAnalysis(thumbnail) }, ctx)
    if (outcome.kind !== 'done') throw new Error(`ended as ${outcome.kind}`)
    t.notMatch(new TextDecoder().decode(await ctx.blobs.get(outcome.output.html)), '<img')
  }
})
