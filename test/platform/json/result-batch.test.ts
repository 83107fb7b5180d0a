import fc from 'fast-check'
import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { stepResultBatchSchema, stepResultExample } from '#schemas/step-message.ts'
import {
  countResults,
  encodeResultBatch,
  isResultBatch,
  RESULT_BATCH_FRAME_BYTES,
  RESULT_BATCH_SEPARATOR_BYTES,
  splitResultBatch,
} from '../../../services/platform/json/result-batch.ts'

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))
const textsOf = (data: Uint8Array) => {
  const split = splitResultBatch(data)
  return typeof split === 'string' ? split : split.map((one) => Buffer.from(one).toString())
}

t.test('any results come out of a batch as they went in, and the whole is JSON', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.json(), { minLength: 1, maxLength: LIMITS.resultBatchCount }), (results) => {
      const texts = results.map((json) => JSON.stringify(JSON.parse(json)))
      const text = encodeResultBatch(texts)
      const data = bytesOf(text)
      const bytes = texts.reduce(
        (sum, one) => sum + Buffer.byteLength(one) + RESULT_BATCH_SEPARATOR_BYTES,
        RESULT_BATCH_FRAME_BYTES,
      )
      if (!isResultBatch(data) || countResults(data) !== texts.length || data.length > bytes) return false
      const whole = JSON.parse(text) as { v: number; results: unknown[] }
      return JSON.stringify(textsOf(data)) === JSON.stringify(texts) && whole.results.length === texts.length
    }),
  )
  const whole = JSON.parse(encodeResultBatch([JSON.stringify(stepResultExample)]))
  t.strictSame(stepResultBatchSchema.parse(whole), { v: 2, results: [stepResultExample] })
})

t.test('a single result is none, whatever stands in it', async (t) => {
  const inside = encodeResultBatch(['1', '2'])
  for (const text of [
    ...[
      JSON.stringify(stepResultExample),
      '',
      '{"v":2',
      '{"v":2,"results":[]}',
      '{"v":2,"results": [\n1\n]}',
    ],
    JSON.stringify({ ...stepResultExample, outcome: { kind: 'done', output: inside } }),
  ]) {
    t.equal(isResultBatch(bytesOf(text)), false, text.slice(0, 40))
    t.equal(countResults(bytesOf(text)), 1)
  }
})

t.test('what is no batch that may be is told, before anything is parsed', async (t) => {
  const { resultBatchBytes, resultBatchCount } = LIMITS
  const ones = (count: number) => encodeResultBatch(Array.from({ length: count }, () => '1'))
  t.equal(textsOf(bytesOf(ones(resultBatchCount))).length, resultBatchCount)
  t.match(textsOf(bytesOf(ones(resultBatchCount + 1))), /more than 64/)
  const large = encodeResultBatch(['1', `"${'x'.repeat(resultBatchBytes - 20)}"`])
  t.equal(large.length > resultBatchBytes, true)
  t.match(textsOf(bytesOf(large)), /bytes, at most 262144/)
  t.equal(countResults(bytesOf(large)), 1, 'nothing of it is folded')
  const whole = ones(3)
  for (let length = RESULT_BATCH_FRAME_BYTES - 2; length < whole.length; length++)
    t.match(textsOf(bytesOf(whole.slice(0, length))), /cut off/, whole.slice(0, length))
})

t.test('a line that is torn takes no other with it', async (t) => {
  const text = encodeResultBatch(['{"a":1}', '{"torn', '', '{"b":2}'])
  t.strictSame(textsOf(bytesOf(text)), ['{"a":1}', '{"torn', '', '{"b":2}'])
  t.strictSame(textsOf(bytesOf('{"v":2,"results":[\n1\n2,\n3\n]}')), ['1', '2', '3'], 'a comma is missing')
})
