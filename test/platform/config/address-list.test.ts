import t from 'tap'
import { isAllowEntry, listOf } from '#platform/config/address-list.ts'

t.test('addresses, ranges and host names are entries', async (t) => {
  for (const entry of ['10.0.0.0/8', 'fc00::/7', '127.0.0.1', '::1', 'localhost', 'a_b.example.com', '1.2.3'])
    t.equal(isAllowEntry(entry), true, entry)
  for (const entry of ['10.0.0.0/33', '/8', 'a/8', 'a..b', '-a', 'a b', '', 'http://a', 'x'.repeat(254)])
    t.equal(isAllowEntry(entry), false, entry)
})

t.test('a list has its entries trimmed, empty ones fall away, and each has to be accepted', async (t) => {
  const schema = listOf((entry) => entry.length === 1, 'must be letters')
  t.strictSame(schema.parse(' a,, b ,'), ['a', 'b'])
  t.strictSame(schema.parse(''), [])
  t.match(schema.safeParse('a,bc').error?.issues, [{ message: 'must be letters' }])
})
