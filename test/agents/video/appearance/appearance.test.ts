import fc from 'fast-check'
import t from 'tap'
import {
  decodeAppearance,
  encodeAppearance,
  LOOK_BYTES,
  lookSimilarity,
  mixLooks,
} from '../../../../services/agents/video/appearance/appearance.ts'

const bytes = fc.uint8Array({ minLength: LOOK_BYTES, maxLength: LOOK_BYTES })

t.test('there and back; another version and other lengths are not known', async (t) => {
  fc.assert(fc.property(bytes, (look) => Buffer.from(decodeAppearance(encodeAppearance(look))!).equals(look)))
  t.equal(decodeAppearance(undefined), undefined)
  t.equal(decodeAppearance(`2${encodeAppearance(new Uint8Array(LOOK_BYTES)).slice(1)}`), undefined)
  t.equal(decodeAppearance(encodeAppearance(new Uint8Array(LOOK_BYTES - 1))), undefined)
})

t.test('a look is like itself, and as like another as that is like it', async () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const [one, other] = [encodeAppearance(a), encodeAppearance(b)]
      const [there, back, same] = [
        lookSimilarity(one, other)!,
        lookSimilarity(other, one)!,
        lookSimilarity(one, one)!,
      ]
      return there >= 0 && there <= 1 + 1e-9 && Math.abs(there - back) < 1e-9 && Math.abs(same - 1) < 1e-9
    }),
  )
})

t.test('a mix lies between the two; what is not known changes nothing', async (t) => {
  const [a, b] = [new Uint8Array(LOOK_BYTES).fill(10), new Uint8Array(LOOK_BYTES).fill(110)].map(
    encodeAppearance,
  )
  t.ok(decodeAppearance(mixLooks(a, b, 0.25))!.every((value) => value === 35))
  t.equal(mixLooks(a, 'nonsense', 0.5), a)
  t.equal(mixLooks(undefined, b, 0.5), b)
})
