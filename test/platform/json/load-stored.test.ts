import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { loadStored } from '#platform/json/load-stored.ts'
import { type BlobRef, blobRefExample } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'

const objects = new Map<string, string>()
function keep(blob: string, json: string): { [key: string]: JsonValue } {
  objects.set(blob, json)
  return { $json: { ...blobRefExample, blob, size: json.length } as unknown as JsonValue }
}
const loaded: string[] = []
async function load({ blob }: BlobRef, maxBytes: number): Promise<Uint8Array> {
  loaded.push(blob)
  const text = objects.get(blob)
  if (text === undefined) throw new MurmurError('BLOB_NOT_FOUND', blob)
  if (text.length > maxBytes) throw new MurmurError('LIMIT_EXCEEDED', blob)
  return Buffer.from(text)
}
const fill = (value: JsonValue, maxBytes = 1000) => loadStored(value, { load, maxBytes })

t.test('what is stored is put where it belongs, also within what was loaded', async (t) => {
  const inner = keep('inner', '{"rows":[1,{"a":"b"}]}')
  const outer = keep(
    'outer',
    JSON.stringify({ x: inner, 'odd key': [null, { ...inner, path: ['rows', '1', 'a'] }] }),
  )
  t.strictSame(await fill({ all: [outer], plain: 1 }), {
    value: { all: [{ x: { rows: [1, { a: 'b' }] }, 'odd key': [null, 'b'] }], plain: 1 },
    left: [],
  })
  t.strictSame((await fill({ ...inner, path: ['rows', '7'] })).value, null, 'a path that leads nowhere')
  t.strictSame((await fill({ ...inner, path: ['constructor'] })).value, null)
})

t.test('together they stay within the limit: the rest is left as it was, and named', async (t) => {
  const [first, second] = [keep('first', '"0123456789"'), keep('second', '"0123456789"')]
  const { value, left } = await fill({ first, second, third: first }, 20)
  t.strictSame(value, { first: '0123456789', second, third: first })
  t.strictSame(
    left.map(({ $json }) => $json.blob),
    ['second', 'first'],
  )
  const lying = { $json: { ...(keep('lying', `"${'x'.repeat(50)}"`).$json as object), size: 1 } as JsonValue }
  await t.rejects(
    fill(lying, 20),
    { code: 'LIMIT_EXCEEDED' },
    'what a reference says of its size is not believed',
  )
})

t.test('what is no JSON, or nested without end, or gone', async (t) => {
  await t.rejects(fill(keep('csv', 'a;b')), { code: 'BROKEN_FILE', message: /csv/ })
  await t.rejects(fill(keep('deep', '['.repeat(300) + ']'.repeat(300)), 10_000), { code: 'BROKEN_FILE' })
  t.ok(await fill(keep('put together', '['.repeat(120) + ']'.repeat(120)), 10_000))
  await t.rejects(fill({ $json: { ...blobRefExample, blob: 'none' } as unknown as JsonValue }, 10_000), {
    code: 'BLOB_NOT_FOUND',
  })
  let chain: JsonValue = 'end'
  for (let i = 0; i < 20; i++) chain = keep(`link-${i}`, JSON.stringify({ next: chain }))
  loaded.length = 0
  const { left } = await fill(chain, 1_000_000)
  t.equal(left.length, 1)
  t.equal(loaded.length, 8)
})

t.test('what is stored verbatim is data: what looks like a reference in it is none', async (t) => {
  const own = {
    a: { $json: { ...blobRefExample, blob: 'not-ours' } },
    b: [{ $json: 5 }],
  } as unknown as JsonValue
  const stored = keep('own', JSON.stringify(own)) as { $json: JsonValue }
  const { value, left } = await fill({ x: { ...stored, verbatim: true } } as JsonValue, 10_000)
  t.strictSame(value, { x: own })
  t.strictSame(left, [])
  const part = await fill({ ...stored, verbatim: true, path: ['a'] } as JsonValue, 10_000)
  t.strictSame(part.value, (own as { a: JsonValue }).a)
  t.strictSame((await fill([{ $json: 5 }, { $json: stored.$json, more: 1 }], 10_000)).value, [
    { $json: 5 },
    { $json: stored.$json, more: 1 },
  ])
})
