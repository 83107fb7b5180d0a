import t from 'tap'
import { z } from 'zod'
import { defineAgent, done, fail, retry } from '../../../services/sdk/index.ts'
import { AgentTable } from '../../../services/sdk/testing/agent-table.ts'
import { createTestContext } from '../../../services/sdk/testing.ts'

const count = defineAgent({
  name: 'count',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.int() }),
  limits: { timeoutMs: 50 },
  start: async () => {
    throw new Error('no model')
  },
  handle: ({ text }) => done({ words: text.length }),
})
const handled = (table: AgentTable, name: string) => table.find(name).handle({} as never, createTestContext())

t.test('what a function returns is an outcome exactly where it looks like one of ours', async (t) => {
  const table = new AgentTable([])
  const cases: [unknown, unknown][] = [
    [undefined, done(null)],
    [{ words: 1 }, done({ words: 1 })],
    [done(1), done(1)],
    [fail('NO', 'no'), fail('NO', 'no')],
    [retry('later', { afterMs: 5 }), retry('later', { afterMs: 5 })],
    [{ kind: 'done', at: 1 }, done({ kind: 'done', at: 1 })],
    [{ kind: 'retry' }, done({ kind: 'retry' })],
    [[1], done([1])],
  ]
  for (const [returned, outcome] of cases) {
    table.replace('a', () => returned)
    t.strictSame(await handled(table, 'a'), outcome)
  }
})

t.test(
  'an agent keeps its schemas and limits, and is not started, when a function stands in its place',
  async (t) => {
    const table = new AgentTable([count])
    await t.rejects(table.start(table.find('count')), /no model/)
    table.replace('count', () => ({ words: 2 }))
    const replaced = table.find('count')
    t.equal(replaced.input, count.input)
    t.strictSame(replaced.limits, { timeoutMs: 50 })
    await table.start(replaced)
    t.strictSame(await handled(table, 'count'), done({ words: 2 }))
  },
)

t.test('names', async (t) => {
  t.throws(() => new AgentTable([count, count]), /two agents named "count"/)
  t.throws(() => new AgentTable([]).find('x'), { code: 'UNKNOWN_AGENT', message: /it has none/ })
  t.strictSame(new AgentTable([count]).names, ['count'])
})
