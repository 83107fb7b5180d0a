import t from 'tap'
import { heldHeaders, holdMsOf, requestNameOf } from '#platform/nats/hold-headers.ts'

const message = (headers: Record<string, string>) => ({ header: (name: string) => headers[name] })

t.test('what is said is read, and what is not, or is too much, is as long as clients wait', async (t) => {
  t.equal(holdMsOf(message(heldHeaders('r', 1000))), 1000)
  t.equal(holdMsOf(message(heldHeaders('r', undefined))), 4000)
  for (const said of ['60000', '-1', '1e3', '', 'soon'])
    t.equal(holdMsOf(message({ 'Murmur-Hold-Ms': said })), 4000, said)
  t.equal(holdMsOf(message({ 'Murmur-Hold-Ms': '0' })), 0)
})

t.test('a name is one when it could be made by a client of ours', async (t) => {
  const name = crypto.randomUUID()
  t.equal(requestNameOf(message(heldHeaders(name, 1))), name)
  for (const said of ['short', 'x'.repeat(65), 'with space', 'a.b.c.d.e']) {
    t.equal(requestNameOf(message({ 'Murmur-Request': said })), undefined, said)
  }
  t.equal(requestNameOf(message({})), undefined)
})
