import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { type AnyAgentDefinition, defineAgent, done } from '../../services/sdk/index.ts'
import { createMemoryLocks, runHandler } from '../../services/sdk/testing.ts'
import { ROOT } from '../support/source-files.ts'

interface Written {
  repository: string
  fencingToken: number
}

/** The example of the page, as it stands there. */
function exampleOf(written: Written[]): AnyAgentDefinition {
  const page = readFileSync(join(ROOT, 'docs/locks.md'), 'utf8')
  const code = page.split('```ts\n')[1]?.split('```')[0] ?? ''
  const body = `${code.replace('export const publisher =', 'const publisher =')}\nreturn publisher`
  const write = async (repository: string, { fencingToken }: Written) =>
    void written.push({ repository, fencingToken })
  return new Function('z', 'defineAgent', 'done', 'write', body)(z, defineAgent, done, write)
}

t.test('the example of docs/locks.md: one after the other, each with a larger token', async (t) => {
  const written: Written[] = []
  const publisher = exampleOf(written)
  const locks = createMemoryLocks()
  const runs = await Promise.all(
    [1, 2, 3].map(() => runHandler(publisher, { repository: 'murmur/docs' }, { locks })),
  )
  const tokens = runs.map(({ outcome }) =>
    outcome.kind === 'done' ? (outcome.output as { token: number }).token : 0,
  )
  t.equal(new Set(tokens).size, 3)
  t.strictSame(
    written.map(({ fencingToken }) => fencingToken),
    tokens.toSorted((a, b) => a - b),
  )
})

t.test('a lock that somebody has: the step may be tried again', async (t) => {
  const locks = createMemoryLocks()
  const held = await locks.acquire('repo:murmur/docs')
  const waiting = defineAgent({
    name: 'waiting',
    input: z.object({}),
    output: z.object({}),
    handle: async (_, ctx) => {
      await ctx.locks.acquire('repo:murmur/docs', { waitMs: 0 })
      return done({})
    },
  })
  t.match((await runHandler(waiting, {}, { locks })).outcome, { kind: 'retry', error: { code: 'LOCK_HELD' } })
  await held.release()
})

t.test('what a handler leaves behind does not keep its process alive', async (t) => {
  const forgetful = defineAgent({
    name: 'forgetful',
    input: z.object({}),
    output: z.object({ token: z.number() }),
    handle: async (_, ctx) => done({ token: (await ctx.locks.acquire('a')).token }),
  })
  t.match((await runHandler(forgetful, {})).outcome, { kind: 'done' })
})
