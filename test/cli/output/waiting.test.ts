import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { waitingFor } from '../../../services/cli/output/waiting.ts'
import { testContext } from '../cli-context-fixture.ts'

const SHOW_CURSOR = '\u001b[?25h'

t.test('a terminal shows at once what is waited for, and nothing of it stays', async (t) => {
  const context = testContext({ isLive: true })
  const { promise, resolve } = Promise.withResolvers<number>()
  let what = 'fetching 1'
  const waiting = waitingFor(() => what, promise, context)
  t.match(stripVTControlCharacters(context.err()), /⠋ fetching 1 0 ms\n/)
  what = 'fetching 2'
  resolve(7)
  t.equal(await waiting, 7)
  t.ok(context.err().endsWith(SHOW_CURSOR), 'cleared, with the cursor back')
})

t.test('elsewhere work that is quick is not spoken of', async (t) => {
  const context = testContext()
  t.equal(await waitingFor('starting', Promise.resolve(1), context), 1)
  t.equal(context.err(), '')
})

t.test('work that fails takes its line away, too', async (t) => {
  const context = testContext({ isLive: true })
  await t.rejects(waitingFor('starting', Promise.reject(new Error('no')), context), /^no$/)
  t.ok(context.err().endsWith(SHOW_CURSOR))
})
