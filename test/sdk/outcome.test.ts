import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { stepOutcomeSchema } from '../../schemas/step-message.ts'
import { handleStep } from '../../services/sdk/handle-step.ts'
import { type AgentDefinition, defineAgent, done, fail, retry } from '../../services/sdk/index.ts'
import { checkOutcome, InvalidOutcomeError } from '../../services/sdk/outcome.ts'
import { createTestContext } from '../../services/sdk/testing.ts'

const anything = defineAgent({
  name: 'any',
  input: z.unknown(),
  output: z.unknown(),
  handle: () => done(null),
})

/** What becomes of a handler that does this. */
async function outcomeOf(handle: () => unknown, output: z.ZodType = z.unknown()) {
  const agent = { ...anything, output, handle } as AgentDefinition<unknown, unknown>
  const { outcome } = await handleStep(agent, null, {
    timeoutMs: 5000,
    signal: new AbortController().signal,
    contextOf: (signal) => createTestContext({ signal }),
  })
  return outcome
}

/** As an orchestrator reads it. */
const received = (outcome: unknown) => stepOutcomeSchema.safeParse(JSON.parse(JSON.stringify(outcome)))

t.test('what is no outcome fails at once, and the message says what was wrong', async (t) => {
  const cycle: Record<string, unknown> = { name: 'x' }
  cycle.self = { cycle }
  let deep: unknown = 1
  for (let i = 0; i < 100; i++) deep = [deep]
  let veryDeep: unknown = 1
  for (let i = 0; i < 20_000; i++) veryDeep = [veryDeep]
  const bad: [what: string, handle: () => unknown, message: RegExp][] = [
    [
      'nothing',
      () => undefined,
      /returned undefined: return done\(output\), retry\(why\) or fail\(code, why\)/,
    ],
    ['null', () => null, /returned null/],
    ['a bare output', () => ({ words: 3 }), /an object that is no outcome: return done/],
    ['a text', () => 'ok', /returned "ok"/],
    ['a kind that is none', () => ({ kind: 'ok', output: 1 }), /of the kind "ok", there are "done"/],
    ['no output', () => ({ kind: 'done' }), /output of done\(…\) is undefined/],
    [
      'a code in lower case',
      () => ({ kind: 'fail', error: { code: 'not_found', message: 'x' } }),
      /code "not_found" is none.*A-Z/,
    ],
    [
      'a code that is too long',
      () => ({ kind: 'fail', error: { code: 'A'.repeat(65), message: 'x' } }),
      /code "AAA/,
    ],
    ['no error', () => ({ kind: 'retry' }), /the error is undefined/],
    ['no message', () => ({ kind: 'fail', error: { code: 'OK_CODE' } }), /message of OK_CODE is undefined/],
    ['a message that is none', () => ({ kind: 'retry', error: { code: 'OK_CODE', message: 5 } }), /is 5/],
    ['NaN', () => ({ ...retry('x'), afterMs: Number.NaN }), /afterMs is NaN/],
    ['before now', () => ({ ...retry('x'), afterMs: -5 }), /afterMs is -5/],
    ['two days', () => ({ ...retry('x'), afterMs: 2 * 86_400_000 }), /afterMs is 172800000.*a day/],
    ['for ever', () => ({ ...retry('x'), afterMs: Number.POSITIVE_INFINITY }), /afterMs is Infinity/],
    ['a BigInt', () => done({ rows: [{ total: 5n }] }), /output\.rows\[0\]\.total is a BigInt/],
    ['a cycle', () => done(cycle), /output\.self\.cycle refers back/],
    ['a function', () => done({ f: () => 1 }), /output\.f is a function/],
    ['a symbol', () => done([Symbol('x')]), /output\[0\] is a symbol/],
    ['a Map', () => done({ m: new Map([[1, 2]]) }), /output\.m is a Map.*Object\.fromEntries/],
    ['a Set', () => done(new Set([1])), /the output is a Set/],
    ['bytes', () => done({ b: Buffer.from('abc') }), /output\.b is a block of bytes.*blobs\.put/],
    ['NaN in the output', () => done({ mean: Number.NaN }), /output\.mean is NaN/],
    ['a hole', () => done([1, undefined]), /output\[1\] is undefined/],
    ['a promise', () => done({ later: Promise.resolve(1) }), /output\.later is a Promise.*await/],
    ['too deep', () => done(deep), /nested more than 64 levels/],
    ['much too deep', () => done({ veryDeep }), /nested more than 64 levels/],
    [
      'a getter that throws',
      () =>
        done({
          get x() {
            throw new Error('no')
          },
        }),
      /cannot be read: no/,
    ],
    [
      'an outcome that throws',
      () => ({
        get kind() {
          throw new Error('no')
        },
      }),
      /cannot be read/,
    ],
    ['retry with a bad time', () => retry('x', { afterMs: Number.NaN }), /afterMs is NaN/],
    ['fail with a bad code', () => fail('bad' as 'BAD', 'x'), /code "bad" is none/],
  ]
  for (const [what, handle, message] of bad) {
    const outcome = await outcomeOf(handle)
    t.match(outcome, { kind: 'fail', error: { code: 'INVALID_OUTCOME', message } }, what)
    t.ok(received(outcome).success, `${what}: understood by an orchestrator`)
  }
})

t.test('a recursive schema that runs into a cycle or a depth is no reason to try again', async (t) => {
  type Tree = { next?: Tree | undefined }
  const tree: z.ZodType<Tree> = z.object({ next: z.lazy(() => tree).optional() })
  const cycle: Tree = {}
  cycle.next = cycle
  t.match(await outcomeOf(() => done(cycle), tree), { kind: 'fail', error: { code: 'INVALID_OUTCOME' } })
})

t.test('what is thrown may pass, whatever it is', async (t) => {
  const thrown: unknown[] = [
    new Error('x'),
    'text',
    undefined,
    null,
    Symbol('s'),
    Object.create(null),
    5n,
    { toString: () => 5 },
    new (class extends Error {
      override get message(): string {
        throw new Error('no')
      }
    })(),
  ]
  for (const value of thrown) {
    const outcome = await outcomeOf(() => {
      throw value
    })
    t.match(outcome, { kind: 'retry', error: { code: 'STEP_FAILED', message: String } })
    t.ok(received(outcome).success)
  }
})

t.test('what is right stays as it is, and long messages are cut', async (t) => {
  t.strictSame(checkOutcome(retry('busy', { afterMs: 0.5, code: 'BUSY' }), 'a'), {
    kind: 'retry',
    error: { code: 'BUSY', message: 'busy' },
    afterMs: 1,
  })
  t.strictSame(checkOutcome(fail('NO_GOOD', 'x'), 'a'), fail('NO_GOOD', 'x'))
  const long = checkOutcome({ kind: 'fail', error: { code: 'LONG', message: 'x'.repeat(5000) } }, 'a')
  t.match(long, { kind: 'fail', error: { code: 'LONG', message: /^x{3999}…$/ } })
  t.throws(() => retry('x', { afterMs: -1 }), InvalidOutcomeError)
  t.throws(() => fail('lower' as 'LOWER', 'x'), { message: /code "lower" is none/ })
  t.throws(() => retry(new Error('x') as unknown as string), {
    message: /message of STEP_FAILED is an Error/,
  })
  const kept = { at: new Date(0), maybe: undefined, url: new URL('http://a/'), list: [1, null, 'x', true] }
  t.strictSame(await outcomeOf(() => done(kept)), { kind: 'done', output: kept })
})

t.test('whatever a handler returns or throws, an orchestrator understands what it is told', async () => {
  const handled = fc.record({
    value: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
    }),
    how: fc.constantFrom('return', 'done', 'throw', 'retry', 'kind', 'error'),
  })
  await fc.assert(
    fc.asyncProperty(handled, async ({ value, how }) => {
      const outcome = await outcomeOf(() => {
        if (how === 'throw') throw value
        if (how === 'done') return done(value)
        if (how === 'retry') return { kind: 'retry', error: { code: 'CODE', message: 'x' }, afterMs: value }
        if (how === 'kind') return { kind: value }
        return how === 'error' ? { kind: 'fail', error: value } : value
      })
      const parsed = received(outcome)
      if (!parsed.success) return false
      // What a JSON value says is the same at the other end.
      return outcome.kind !== 'done' || JSON.stringify(parsed.data) === JSON.stringify(outcome)
    }),
    { numRuns: 500 },
  )
})
