import t from 'tap'
import type { BlobRef } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { type Loaded, loadStored } from '../../services/platform/json/load-stored.ts'
import { loadInput } from '../../services/sdk/load-input.ts'
import { storeOutput } from '../../services/sdk/payloads.ts'
import { openBlobs } from './counting-blobs.ts'

type Blobs = ReturnType<typeof openBlobs>

const STEP = { taskId: 't1', stepId: 'a', input: {} as JsonValue }
const large = 'x'.repeat(20_000)

/** An output on its way to an agent, and to a result. */
async function roundTrip(
  output: JsonValue,
  blobs: Blobs,
  step = STEP,
): Promise<{ agent: JsonValue; result: Loaded }> {
  const stored = JSON.parse(JSON.stringify(await storeOutput(output, step, blobs))) as JsonValue
  const load = (ref: BlobRef) => blobs.get(ref)
  return {
    result: await loadStored({ x: stored }, { load, maxBytes: 1e9 }),
    agent: await loadInput({ x: stored }, blobs),
  }
}

t.test('whatever a handler returns comes back as it was', async (t) => {
  const blobs = openBlobs()
  const ref = (await blobs.keep('secret of somebody else')).$json as JsonObject
  const outputs: JsonValue[] = [
    1,
    null,
    'text',
    large,
    { $json: 5 },
    { $json: ref },
    { $json: { ...ref }, path: ['a'] },
    { $json: ref, more: 1 },
    { $json: { $json: ref } },
    { deep: [{ $json: ref }], large },
    { $from: 'input', $json: 'x', large },
    [{ $json: ref, verbatim: true }],
  ]
  for (const output of outputs) {
    const { agent, result } = await roundTrip(output, blobs)
    t.strictSame(agent, { x: output }, JSON.stringify(output).slice(0, 80))
    t.strictSame(result, { value: { x: output }, left: [] })
  }
})

t.test('references of the task, and those that came with the input, are handed on as such', async (t) => {
  const blobs = openBlobs()
  const given = await blobs.keep({ rows: [1, 2] })
  const step = { ...STEP, input: [{ a: given }] as JsonValue }
  t.strictSame((await roundTrip({ all: given }, blobs, step)).agent, { x: { all: { rows: [1, 2] } } })
  const own = { $json: { ...(given.$json as JsonObject), blob: 'tasks/t1/b/1' } } as JsonValue
  t.strictSame(await storeOutput(own, STEP, blobs), own)
})

t.test('what is inline is up to the step; text counts in bytes', async (t) => {
  const blobs = openBlobs()
  const at = (inlineOutputBytes: number) =>
    storeOutput('ä'.repeat(500), { ...STEP, inlineOutputBytes }, blobs)
  t.type(await at(1002), 'string')
  t.match(await at(1001), { $json: { size: 1002 } })
})

t.test('what JSON does not have is named', async (t) => {
  const blobs = openBlobs()
  const cycle: JsonObject = {}
  cycle.self = cycle
  const outputs: [unknown, RegExp][] = [
    [{ rows: [1, Number.NaN] }, /output\.rows\.1 that is not finite/],
    [Number.POSITIVE_INFINITY, /at output that/],
    [{ a: 1n }, /BigInt/],
    [cycle, /circular/],
    [() => 1, /function/],
  ]
  for (const [output, message] of outputs)
    await t.rejects(storeOutput(output as JsonValue, STEP, blobs), { code: 'INVALID_OUTCOME', message })
  t.strictSame(await storeOutput({ a: null, b: 'null' }, STEP, blobs), { a: null, b: 'null' })
})
