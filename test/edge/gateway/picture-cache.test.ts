import t from 'tap'
import { PictureCache } from '../../../services/edge/gateway/picture-cache.ts'
import { until } from '../../support/until.ts'

t.test('one drawing for all who ask at the same time, and a moment after', async (t) => {
  const pictures = new PictureCache<Uint8Array>()
  let drawn = 0
  const ask = (name = 'yard') => pictures.get(name, async () => Uint8Array.of(++drawn))
  t.strictSame(
    await Promise.all([ask(), ask(), ask()]),
    [1, 1, 1].map((n) => Uint8Array.of(n)),
  )
  t.strictSame(await ask(), Uint8Array.of(1))
  t.strictSame(await ask('gate'), Uint8Array.of(2), 'another one is another one')
  await until('the next picture', async () => (await ask())[0] === 3)
})

t.test('what failed is tried again by the next who asks', async (t) => {
  const pictures = new PictureCache<Uint8Array>()
  await t.rejects(
    pictures.get('yard', () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.strictSame(await pictures.get('yard', async () => Uint8Array.of(7)), Uint8Array.of(7))
})

t.test('no more are kept than there is room for', async (t) => {
  const pictures = new PictureCache<Uint8Array>()
  let drawn = 0
  const ask = (name: string) => pictures.get(name, async () => Uint8Array.of(++drawn % 256))
  for (let i = 0; i < 500; i++) await ask(`camera-${i}`)
  await ask('one more')
  await ask('one more')
  t.equal(drawn, 502)
})
