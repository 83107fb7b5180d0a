import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { stepResultExample } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { decodeMessage } from '../../../services/orchestrator/partition/decode-message.ts'
import { foldBatch, type HeldTask } from '../../../services/orchestrator/partition/fold-batch.ts'
import { encodeResultBatch } from '../../../services/platform/json/result-batch.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const SUBJECT = 'log.3.result.word-count'
const raw = (texts: string[], about: { subject?: string; seq?: number } = {}) => ({
  ...{ subject: SUBJECT, seq: 7, storedAtMs: 5, ...about },
  data: Buffer.from(encodeResultBatch(texts)),
})
const resultOf = (taskId: string, about: object = {}) =>
  JSON.stringify({ ...stepResultExample, taskId, ...about })

t.test('each result of a batch is an event of its own, at the place of the message', async (t) => {
  const parts = decodeMessage(raw([resultOf('a'), resultOf('b')]))
  for (const [i, taskId] of ['a', 'b'].entries())
    t.match(parts[i], {
      raw: { index: i, seq: 7 },
      decoded: {
        event: { kind: 'result', seq: 7, atMs: 5, agent: 'word-count', body: { taskId }, bytes: Number },
        fault: undefined,
      },
    })
  const [{ decoded } = { decoded: undefined }] = decodeMessage({
    ...raw([]),
    data: Buffer.from(resultOf('a')),
  })
  t.strictSame(
    (decoded as { event: LogEvent }).event,
    (parts[0]!.decoded as { event: LogEvent }).event,
    'the same as if it had come alone',
  )
})

t.test('what is wrong with one result is wrong with no other', async (t) => {
  const deep = `${'['.repeat(70)}${']'.repeat(70)}`
  const parts = decodeMessage(
    raw([
      resultOf('a'),
      '{"torn',
      resultOf('b', { outcome: { kind: 'maybe' } }),
      resultOf('c').replace('{"words":7}', deep),
      resultOf('a', { stepId: 'other' }),
      resultOf('d'),
    ]),
  )
  t.match(
    parts.map(({ decoded }) => decoded),
    [
      { event: { body: { taskId: 'a', outcome: { kind: 'done' } } } },
      { fault: /not JSON/, agent: 'word-count' },
      { event: { body: { taskId: 'b', outcome: { kind: 'fail', error: { code: 'INVALID_OUTCOME' } } } } },
      { event: { body: { taskId: 'c', outcome: { kind: 'fail', error: { code: 'INVALID_OUTCOME' } } } } },
      { fault: /task "a" has another one/, agent: 'word-count', event: undefined },
      { event: { body: { taskId: 'd' } } },
    ],
  )
  t.equal(Buffer.from(parts[1]!.raw.data).toString(), '{"torn', 'only that is put aside')
})

t.test('a batch that is none is one fault, and never of a later version', async (t) => {
  const cut = raw([resultOf('a'), resultOf('b')])
  cut.data = cut.data.subarray(0, -3)
  const many = raw(Array.from({ length: 65 }, (_, i) => resultOf(`t${i}`)))
  for (const message of [cut, many])
    t.match(decodeMessage(message), [{ raw: message, decoded: { fault: /batch/, agent: 'word-count' } }])
  for (const subject of ['log.3.timer', 'log.3.accepted', 'nonsense'])
    t.match(decodeMessage(raw([resultOf('a')], { subject })), [{ decoded: { fault: /./, event: undefined } }])
  const later = { ...cut, data: Buffer.from(`{"v":3,"results":[\n${resultOf('a')}\n]}`) }
  t.match(decodeMessage(later), [{ decoded: { fault: /./, later: undefined } }], 'it stops no partition')
})

const PLAN = { steps: ['a', 'b', 'c'].map((id) => ({ id, agent: 'word-count', timeoutMs: 1000 })) }
const OPTIONS = { keepFinishedMs: 60_000 }
const outcomeArbitrary = fc.oneof(
  fc.record({ kind: fc.constant('done'), output: fc.jsonValue({ maxDepth: 2 }) }),
  fc.record({
    kind: fc.constantFrom('retry', 'fail'),
    error: fc.record({ code: fc.constantFrom('RATE_LIMITED', 'STEP_FAILED'), message: fc.string() }),
  }),
  fc.record({ kind: fc.constant('nonsense') }),
)
const resultsArbitrary = fc.array(
  fc.record({
    taskId: fc.constantFrom('t0', 't1', 't2', 't3', 't4', 'nobody'),
    stepId: fc.constantFrom('a', 'b', 'c', 'none'),
    attempt: fc.constantFrom(1, 1, 1, 2),
    outcome: outcomeArbitrary,
    /** Begins another message. */
    breaks: fc.boolean(),
    /** Messages that are folded together, and whether one of them is folded again, by a commit that broke off. */
    commits: fc.boolean(),
    again: fc.boolean(),
  }),
  { maxLength: 60 },
)

t.test('results in any split of batches make the states that they make one by one', async (t) => {
  let batched = 0
  fc.assert(
    fc.property(resultsArbitrary, (results) => {
      const texts = results.map(({ breaks: _, commits: _c, again: _a, ...about }) =>
        resultOf(about.taskId, about),
      )
      const alone = statesOf(texts.map((text) => ({ texts: [text], commits: true, again: false })))
      const messages: { texts: string[]; commits: boolean; again: boolean; tasks: Set<string> }[] = []
      for (const [i, { taskId, breaks, commits, again }] of results.entries()) {
        const last = messages.at(-1)
        if (!last || breaks || last.tasks.has(taskId))
          messages.push({ texts: [texts[i]!], commits, again, tasks: new Set([taskId]) })
        else {
          last.texts.push(texts[i]!)
          last.tasks.add(taskId)
          batched++
        }
      }
      assert.deepEqual(statesOf(messages), alone)
    }),
    { numRuns: 500 },
  )
  t.ok(batched > 300, `${batched} results came with others`)
})

/** What becomes of five tasks. Positions in the log differ by how results are split, and nothing else may. */
function statesOf(messages: { texts: string[]; commits: boolean; again: boolean }[]): unknown {
  const held = new Map<string, HeldTask>()
  const fold = (events: LogEvent[]) => {
    for (const [id, task] of foldBatch(events, (id) => held.get(id), OPTIONS).held) held.set(id, task)
  }
  let seq = 0
  for (let i = 0; i < 5; i++) {
    const body = acceptedTask({ taskId: `t${i}`, plan: PLAN })
    fold([{ kind: 'accepted', body, atMs: 5, seq: ++seq }])
  }
  let open: LogEvent[] = []
  for (const { texts, commits, again } of messages) {
    const message = texts.length === 1 ? Buffer.from(texts[0]!) : raw(texts).data
    const place = { subject: SUBJECT, seq: ++seq, storedAtMs: 5 }
    for (const { decoded } of decodeMessage({ ...place, data: message }))
      if ('event' in decoded) open.push(decoded.event)
    if (!commits) continue
    fold(open)
    if (again) fold(open)
    open = []
  }
  fold(open)
  return [...held].map(([id, { state }]) => [id, withoutPlace(state)])
}

function withoutPlace({ seq: _, buried, ...state }: TaskState): unknown {
  return { ...state, buried: buried?.map(({ seq: _, ...letter }) => letter) }
}
