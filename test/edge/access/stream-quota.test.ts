import fc from 'fast-check'
import t from 'tap'
import { StreamQuota } from '../../../services/edge/access/stream-quota.ts'

t.test('one more than a tenant may have is refused with what it has; others are not concerned', async (t) => {
  const quota = new StreamQuota(2, new Map([['wide', 3]]))
  const first = quota.open('acme')
  quota.open('acme')
  t.throws(() => quota.open('acme'), {
    code: 'QUOTA_EXCEEDED',
    message: /"acme" has 2 streams open here, 2 may be/,
    retryAfterMs: 5000,
  })
  quota.open('globex')
  for (let i = 0; i < 3; i++) quota.open('wide')
  t.throws(() => quota.open('wide'), { code: 'QUOTA_EXCEEDED' })
  first()
  first()
  t.equal(quota.openOf('acme'), 1, 'given back once')
  quota.open('acme')
})

t.test('property: never more than the limit, and what is given back is there again', async () => {
  const actions = fc.array(
    fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), close: fc.boolean(), pick: fc.nat(50) }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(actions, fc.integer({ min: 1, max: 8 }), (wanted, limit) => {
      const quota = new StreamQuota(limit)
      const open = new Map<string, (() => void)[]>([
        ['a', []],
        ['b', []],
        ['c', []],
      ])
      for (const { tenant, close, pick } of wanted) {
        const own = open.get(tenant)!
        if (close && own.length > 0) own.splice(pick % own.length, 1)[0]!()
        else {
          let isOpen = true
          try {
            own.push(quota.open(tenant))
          } catch {
            isOpen = false
          }
          if (!isOpen && own.length < limit) return false
        }
        if (quota.openOf(tenant) !== own.length || own.length > limit) return false
      }
      return true
    }),
  )
})
