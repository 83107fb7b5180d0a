import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { z } from 'zod'
import { defineAgent, done, fail } from '../../services/sdk/index.ts'
import { createMemoryBlobs, runHandler } from '../../services/sdk/testing.ts'

const count = defineAgent({
  name: 'count',
  input: z.object({ text: z.string(), wait: z.boolean().optional() }),
  output: z.object({ words: z.number(), at: z.unknown().optional() }),
  async handle({ text, wait }, ctx) {
    ctx.progress(Number.NaN, 'counting')
    if (wait) await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
    if (text === '') return fail('NO_TEXT', 'there is nothing to count')
    return done({ words: text.split(' ').length, at: new Date(0) })
  },
})

t.test('a handler is run as its runner does, without a broker', async (t) => {
  const { outcome, ctx } = await runHandler(count, { text: 'one two' }, { taskId: 'mine' })
  t.strictSame(
    outcome,
    { kind: 'done', output: { words: 2, at: '1970-01-01T00:00:00.000Z' } },
    'as JSON has it',
  )
  t.strictSame(ctx.progressed, [{ fraction: 0, note: 'counting' }])
  t.equal(ctx.taskId, 'mine')
  t.match((await runHandler(count, { text: '' })).outcome, { kind: 'fail', error: { code: 'NO_TEXT' } })
})

t.test('with its checks', async (t) => {
  t.match((await runHandler(count, { text: 5 })).outcome, {
    kind: 'fail',
    error: { code: 'INVALID_STEP_INPUT', message: /^text: / },
  })
  const wrong = { ...count, handle: async () => ({ words: 3 }) as never }
  t.match((await runHandler(wrong, { text: 'x' })).outcome, {
    kind: 'fail',
    error: { code: 'INVALID_OUTCOME', message: /agent "count": the handler returned an object/ },
  })
  const other = { ...count, handle: async () => done({ words: 'three' as never }) }
  t.match((await runHandler(other, { text: 'x' })).outcome, { error: { code: 'INVALID_STEP_OUTPUT' } })
})

t.test('with its time, and its signal', async (t) => {
  const late = await runHandler(count, { text: 'x', wait: true }, { timeoutMs: 20 })
  t.match(late.outcome, { kind: 'retry', error: { code: 'STEP_TIMEOUT' } })
  t.ok(late.ctx.signal.aborted)
  const stopping = AbortSignal.timeout(20)
  const stopped = await runHandler(count, { text: 'x', wait: true }, { signal: stopping })
  t.match(stopped.outcome, { kind: 'done' }, 'the handler heeded it')
})

t.test('with its objects as files, which are gone with the step', async (t) => {
  const blobs = createMemoryBlobs()
  const ref = await blobs.put(Buffer.from('one two'), { contentType: 'text/plain' })
  let path = ''
  const countFile = defineAgent({
    ...count,
    async handle(_, ctx) {
      path = (await ctx.blobs.file(ref)).path
      return done({ words: (await readFile(path, 'utf8')).split(' ').length })
    },
  })
  const { outcome } = await runHandler(countFile, { text: '' }, { blobs })
  t.strictSame(outcome, { kind: 'done', output: { words: 2 } })
  t.notOk(existsSync(path))
  const file = await blobs.file(ref)
  t.equal(await readFile(file.path, 'utf8'), 'one two', 'without a step it stays')
  await file.remove()
  t.notOk(existsSync(file.path))
})
