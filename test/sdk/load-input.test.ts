import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { loadHandle, loadInput } from '../../services/sdk/load-input.ts'
import { openBlobs } from './counting-blobs.ts'

const large = 'x'.repeat(20_000)

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
