import t from 'tap'
import { createTextSealer, parseSealKeys } from '#platform/secrets/sealed-text.ts'

const key = (id: string, fill: number) => ({ id, key: new Uint8Array(32).fill(fill) })

t.test('what is sealed opens for its purpose, the same text alike, and for nothing else', async (t) => {
  const sealer = createTextSealer([key('k1', 1)])
  const sealed = sealer.seal('hush', 'a')
  t.notMatch(sealed, /hush|aHVza/)
  t.equal(sealer.open(sealed, 'a'), 'hush')
  t.equal(sealer.seal('hush', 'a'), sealed, 'a repeated request stays the same request')
  t.not(sealer.seal('hush', 'b'), sealed)
  const refused = { code: 'SECRET_NOT_GRANTED' }
  t.throws(() => sealer.open(sealed, 'b'), refused)
  t.throws(() => createTextSealer([key('k1', 2)]).open(sealed, 'a'), refused)
  t.throws(() => createTextSealer([key('k2', 1)]).open(sealed, 'a'), refused)
  for (let at = 3; at < sealed.length; at++) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    // The last character has bits that decode to nothing.
    if (at < sealed.length - 1) t.throws(() => sealer.open(changed, 'a'), refused)
  }
  for (const text of ['', 'k1', 'k1.', 'k1.AAAA', '.']) t.throws(() => sealer.open(text, 'a'), refused, text)
})

t.test('a new key in front seals, the old one behind it still opens', async (t) => {
  const old = createTextSealer([key('k1', 1)]).seal('hush', 'a')
  const sealer = createTextSealer([key('k2', 2), key('k1', 1)])
  t.equal(sealer.open(old, 'a'), 'hush')
  t.match(sealer.seal('hush', 'a'), /^k2\./)
})

t.test('keys are 32 bytes with a name each', async (t) => {
  const text = (id: string, bytes: number) => `${id}:${Buffer.alloc(bytes, 7).toString('base64')}`
  t.strictSame(
    parseSealKeys(`${text('k1', 32)}, ${text('k2', 32)}`)?.map(({ id }) => id),
    ['k1', 'k2'],
  )
  for (const wrong of [
    '',
    'k1',
    text('k1', 31),
    text('k1', 33),
    `${text('k1', 32)},${text('k1', 32)}`,
    text('a.b', 32),
  ])
    t.equal(parseSealKeys(wrong), undefined, wrong)
})
