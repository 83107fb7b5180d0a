import t from 'tap'
import { OpenAccess, requestIdOf } from '../../../services/edge/access/access.ts'

t.test('the id of a request is the client’s where it can stand in a log', async (t) => {
  t.equal(requestIdOf('a.B_1-2'), 'a.B_1-2')
  for (const odd of ['', 'a b', 'a\n', 'x'.repeat(129), 7, undefined])
    t.match(requestIdOf(odd), /^[0-9a-f]{8}-[0-9a-f-]{27}$/, String(odd))
})

t.test('without credentials everybody is the tenant default', async (t) => {
  const { tenant, subject, scopes } = await new OpenAccess().authorize()
  t.strictSame([tenant, subject], ['default', 'anonymous'])
  t.ok(scopes.has('tasks:write') && scopes.has('system:read'))
})
