import t from 'tap'
import type { BlobRef } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { type Loaded, loadStored } from '../../services/platform/json/load-stored.ts'
import { loadHandle, loadInput } from '../../services/sdk/load-input.ts'
import { storeOutput } from '../../services/sdk/payloads.ts'
import { createMemoryBlobs } from '../../services/sdk/testing.ts'

/** An object store that counts. */
function openBlobs() {
  const memory = createMemoryBlobs()
  const counts = { gets: 0, atOnce: 0, most: 0 }
  return {
    counts,
    put: (_folder: string, bytes: Uint8Array, about: { contentType: string }) => memory.put(bytes, about),
    async get(ref: BlobRef) {
      counts.gets++
      counts.most = Math.max(counts.most, ++counts.atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      counts.atOnce--
      return memory.get(ref)
    },
    keep: async (value: JsonValue, more: object = {}) =>
      ({
        $json: await memory.put(Buffer.from(JSON.stringify(value)), { contentType: 'application/json' }),
        ...more,
      }) as unknown as JsonObject,
  }
}
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

t.test('inputs: wherever references stand, also within what is loaded, each object once', async (t) => {
  const blobs = openBlobs()
  const inner = await blobs.keep({ n: 1 })
  const outer = await blobs.keep({ list: [inner, 2], __proto__x: 1 })
  const link = await blobs.keep(inner)
  const input = {
    a: outer,
    b: [outer, { ...outer, path: ['list', '1'] }, { ...outer, path: ['list', '0', 'n'] }],
    c: { ...outer, path: ['no'] },
    d: [link, link],
    e: 'text',
  } as JsonValue
  const whole = { list: [{ n: 1 }, 2], __proto__x: 1 }
  t.match(await loadInput(input, blobs), {
    a: whole,
    b: [whole, 2],
    c: null,
    d: [{ n: 1 }, { n: 1 }],
    e: 'text',
  })
  t.equal(blobs.counts.gets, 3)
  t.strictSame(await loadInput(inner, blobs), { n: 1 }, 'all of it')
  t.equal(await loadInput(7, blobs), 7)
  t.strictSame(
    JSON.parse(JSON.stringify(await loadInput(JSON.parse('{"__proto__":{"a":1}}'), blobs))),
    JSON.parse('{"__proto__":{"a":1}}'),
  )
})

t.test('inputs: a few objects at a time, and no more than the process can hold', async (t) => {
  const blobs = openBlobs()
  const many = await Promise.all(Array.from({ length: 200 }, (_, i) => blobs.keep(`${i}${large}`)))
  const whole = (await loadInput(structuredClone(many), blobs)) as string[]
  t.ok(whole.every((text, i) => text.startsWith(`${i}x`)))
  t.ok(blobs.counts.most <= 16, `${blobs.counts.most} at once`)
  await t.rejects(loadInput(structuredClone(many), blobs, 1_000_000), {
    code: 'LIMIT_EXCEEDED',
    message: /lazy/,
  })
  t.ok(blobs.counts.gets < 300, 'the rest was not loaded')
  let chain: JsonValue = 'end'
  for (let i = 0; i < 20; i++) chain = await blobs.keep({ chain })
  await t.rejects(loadInput(chain, blobs), { code: 'LIMIT_EXCEEDED' })
  const broken = { $json: await blobs.put('', Buffer.from('a;b'), { contentType: 'text/csv' }) }
  await t.rejects(loadInput(broken as unknown as JsonValue, blobs), { code: 'BROKEN_FILE' })
})

t.test('a handle is loaded one level deep; what is none is given back', async (t) => {
  const blobs = openBlobs()
  const inner = await blobs.keep({ n: 1 })
  const outer = await blobs.keep({ inner })
  t.strictSame(await loadHandle(outer, blobs), { inner })
  t.strictSame(await loadHandle({ ...outer, path: ['inner'] } as JsonValue, blobs), inner)
  t.strictSame(await loadHandle({ $json: 5 }, blobs), { $json: 5 })
  t.equal(await loadHandle(3, blobs), 3)
})
