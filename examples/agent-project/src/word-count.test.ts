import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestContext } from '@murmuration/agent/testing'
import { wordCount } from './word-count.ts'

test('counts words and ranks them', async () => {
  const ctx = createTestContext()
  const outcome = await wordCount.handle({ text: 'To be, or not to be.', top: 2 }, ctx)
  assert.deepEqual(outcome, {
    kind: 'done',
    output: {
      words: 6,
      top: [
        { word: 'be', times: 2 },
        { word: 'to', times: 2 },
      ],
    },
  })
  assert.equal(ctx.progressed[0]?.note, 'counting')
})

test('a text without words never works', async () => {
  const outcome = await wordCount.handle({ text: ' … ', top: 3 }, createTestContext())
  assert.equal(outcome.kind, 'fail')
})

test('stops when it is told to', async () => {
  const ctx = createTestContext({ signal: AbortSignal.abort() })
  const outcome = await wordCount.handle({ text: 'one two', top: 3 }, ctx)
  assert.equal(outcome.kind, 'retry')
})
