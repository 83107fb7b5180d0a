import t from 'tap'
import {
  isSampled,
  newSpanId,
  newTrace,
  normalTraceparent,
  parseTraceparent,
} from '#platform/telemetry/traceparent.ts'
import { HOSTILE, SAMPLED, SPAN, TRACE, UNSAMPLED } from './traceparent-cases.ts'

t.test('traceparent: what W3C allows is read', async (t) => {
  t.strictSame(parseTraceparent(SAMPLED), { traceId: TRACE, spanId: SPAN, sampled: true })
  t.strictSame(parseTraceparent(UNSAMPLED), { traceId: TRACE, spanId: SPAN, sampled: false })
  t.match(parseTraceparent(`00-${TRACE}-${SPAN}-ff`), { sampled: true }, 'unknown flags are ignored')
  t.match(
    parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`),
    { sampled: true },
    'later versions',
  )
  t.match(parseTraceparent(`cc-${TRACE}-${SPAN}-01`), { sampled: true })
})

t.test('traceparent: what is no good is not read', async (t) => {
  for (const parent of HOSTILE)
    t.equal(parseTraceparent(parent), undefined, JSON.stringify(parent)?.slice(0, 80))
})

t.test('ids are valid and differ, and the ratio decides by the id alone', async (t) => {
  const traces = Array.from({ length: 20_000 }, () => newTrace(0.25))
  t.equal(new Set(traces.map((trace) => trace.traceId)).size, traces.length)
  t.ok(traces.every((trace) => /^[0-9a-f]{32}$/.test(trace.traceId) && /^[0-9a-f]{16}$/.test(trace.spanId)))
  t.match(newSpanId(), /^[0-9a-f]{16}$/)
  const share = traces.filter((trace) => trace.sampled).length / traces.length
  t.ok(Math.abs(share - 0.25) < 0.02, `a share of ${share}`)
  for (const { traceId, sampled } of traces) {
    if (sampled !== Number.parseInt(traceId.slice(20), 16) / 2 ** 48 < 0.25) t.fail(traceId)
  }
  t.notOk(newTrace(0).sampled)
  t.ok(newTrace(1).sampled)
})

t.test('whether it is sampled is read from the flags alone', async (t) => {
  t.equal(isSampled(SAMPLED), true)
  t.equal(isSampled(UNSAMPLED), false)
  for (let flags = 0; flags < 256; flags++) {
    const text = `00-${TRACE}-${SPAN}-${flags.toString(16).padStart(2, '0')}`
    t.equal(isSampled(text), flags % 2 === 1, text)
    t.equal(parseTraceparent(text)?.sampled, flags % 2 === 1, text)
  }
})

t.test('what is handed on is valid, and says no more than this code knows the meaning of', async (t) => {
  for (const header of [SAMPLED, UNSAMPLED]) t.equal(normalTraceparent(header), header)
  t.equal(normalTraceparent(`00-${TRACE}-${SPAN}-ff`), SAMPLED)
  t.equal(normalTraceparent(`cc-${TRACE}-${SPAN}-02-what-the-future-brings`), UNSAMPLED)
  for (const header of HOSTILE) t.equal(normalTraceparent(header), undefined)
})
