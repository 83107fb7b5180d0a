import fc from 'fast-check'
import t from 'tap'
import { MODEL_FOR, modelToken } from '#subjects/model-token.ts'

t.test('a name of a model is one token, and no two names give the same', async (t) => {
  t.equal(modelToken('yolox-nano'), 'yolox-nano')
  t.equal(modelToken('yard.v1.2'), 'yard~v1~2')
  t.equal(modelToken(MODEL_FOR.real), '~real')
  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/)
  fc.assert(
    fc.property(name, name, (a, b) => {
      const [one, other] = [modelToken(a), modelToken(b)]
      return /^[A-Za-z0-9~_-]+$/.test(one) && (a === b || one !== other)
    }),
  )
})

t.test('what would change the shape of a subject is none', async (t) => {
  for (const name of ['', 'a b', '*', '>', 'a/b', 'x'.repeat(66), 'a~b'])
    t.throws(() => modelToken(name), TypeError, name)
})
