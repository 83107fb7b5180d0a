import t from 'tap'
import { isAtLeast } from '../../../../deploy/local/servers/server-source.ts'

t.test('versions compare by number', (t) => {
  t.ok(isAtLeast('2.10.0', '2.9'))
  t.ok(isAtLeast('2.10', '2.10.0'))
  t.notOk(isAtLeast('2.9.10', '2.10'))
  t.end()
})
