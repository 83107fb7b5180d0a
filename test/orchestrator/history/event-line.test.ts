import fc from 'fast-check'
import t from 'tap'
import { decodeLine, encodeLine } from '../../../services/orchestrator/history/event-line.ts'

const raw = (data: Uint8Array | string) => ({
  subject: 'log.3.result',
  data: Buffer.from(data),
  seq: 7,
  storedAtMs: 1_790_000_000_123.5,
})

t.test('any bytes come out of a line as they went in, whatever they are', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
        fc.json().map((text) => Buffer.from(JSON.stringify(JSON.parse(text), null, 2))),
        fc.string({ unit: 'binary' }).map((text) => Buffer.from(JSON.stringify({ ',"event":': text }))),
      ),
      fc.string(),
      (data, name) => {
        let isPlain = true
        try {
          JSON.parse(Buffer.from(data).toString())
        } catch {
          isPlain = false
        }
        const facts = { kind: 'result', taskId: name, tenant: name, ends: 'failed', stateHash: 'ab' } as const
        const line = encodeLine(raw(data), facts, isPlain)
        t.notOk(line.includes('\n'))
        JSON.parse(line)
        t.strictSame(decodeLine(line), { ...raw(data), ...facts })
      },
    ),
    { numRuns: 300 },
  )
})

t.test('JSON stands in the line as it is; what not all readers take stands there as base64', async (t) => {
  const line = (data: string) => JSON.parse(encodeLine(raw(data), { kind: 'result' }, true))
  t.match(line('{"a":1.0}'), { event: { a: 1 }, partition: 3, seq: 7, time: '2026-09-21T14:13:20.123Z' })
  for (const data of ['{"a":\n1}', '{"a":"\\ud800"}', '\ufeff{}'])
    t.strictSame(Buffer.from(line(data).raw, 'base64').toString(), data)
  t.match(line('{"a":1}'), { raw: undefined })
})

t.test('the header is no event, and what is none is refused', async (t) => {
  t.equal(decodeLine('{"format":"murmuration-history"}'), undefined)
  t.throws(() => decodeLine('{"seq":1}'), { code: 'INTERNAL' })
  t.throws(() => decodeLine('nonsense'), { code: 'INTERNAL' })
})
