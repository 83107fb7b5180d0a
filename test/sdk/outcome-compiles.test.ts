import t from 'tap'
import { z } from 'zod'
import { defineAgent, done, fail, retry } from '../../services/sdk/index.ts'

const about = {
  name: 'typed',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
}

/** The compiler is the test: a line that would compile without its fault makes it complain about the comment above. */
t.test('a handler that returns something else than an outcome does not compile', async (t) => {
  const agents = [
    defineAgent({ ...about, handle: ({ text }) => done({ words: text.length }) }),
    defineAgent({ ...about, handle: async () => (Math.PI > 3 ? retry('busy') : fail('NO_WORDS', 'none')) }),
    // @ts-expect-error nothing is returned
    defineAgent({ ...about, async handle() {} }),
    // @ts-expect-error the output alone
    defineAgent({ ...about, handle: async () => ({ words: 3 }) }),
    // @ts-expect-error an output of another shape
    defineAgent({ ...about, handle: async () => done({ word: 3 }) }),
    // @ts-expect-error done without an output
    defineAgent({ ...about, handle: async () => done(undefined) }),
    // @ts-expect-error a kind that there is not
    defineAgent({ ...about, handle: async () => ({ kind: 'ok', output: { words: 3 } }) as const }),
    // @ts-expect-error an outcome on one way only
    defineAgent({ ...about, handle: async ({ text }) => (text === '' ? undefined : done({ words: 1 })) }),
    // @ts-expect-error a field that the input does not have
    defineAgent({ ...about, handle: ({ words }) => done({ words }) }),
  ]
  t.equal(agents.length, 9)
})

t.test(
  'codes in lower case do not compile where they are known, and are refused where they are not',
  async (t) => {
    // @ts-expect-error lower case
    t.throws(() => fail('not_found', 'x'))
    // @ts-expect-error lower case
    t.throws(() => retry('x', { code: 'busy' }))
    // @ts-expect-error no text
    t.throws(() => fail('NOT_FOUND', new Error('x')))
    const code: string = 'UPSTREAM_ERROR'
    t.match(fail(code, 'a code that is known when it runs only'), { kind: 'fail' })
    t.match(retry('x', { code }), { kind: 'retry' })
  },
)
