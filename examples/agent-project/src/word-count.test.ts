import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestContext, createTestEnvironment, days } from '@murmuration/agent/testing'
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

test('a plan with the agent: a week of sleep takes no time, and the agent that sends is a function here', async () => {
  const env = createTestEnvironment({ agents: [wordCount], startAt: '2026-03-01T00:00:00Z' })
  const sent: unknown[] = []
  env.agent('sender', (input) => void sent.push(input))
  const result = await env.run(
    {
      steps: [
        { id: 'count', agent: 'word-count', input: { text: { $from: 'input.text' } } },
        { id: 'wait', needs: ['count'], sleep: { ms: days(7) } },
        {
          id: 'send',
          agent: 'sender',
          needs: ['count', 'wait'],
          when: 'steps.count.output.words > 3',
          input: { words: { $from: 'steps.count.output.words' } },
        },
      ],
    },
    { text: 'To be, or not to be.' },
    { deadlineMs: days(8) },
  )
  assert.equal(result.status, 'completed')
  assert.deepEqual(sent, [{ words: 6 }])
  assert.equal(env.nowMs(), Date.parse('2026-03-08T00:00:00Z'))
})
