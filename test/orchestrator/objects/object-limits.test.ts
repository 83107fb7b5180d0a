import t from 'tap'
import { ObjectLimits, sizeText } from '../../../services/orchestrator/objects/object-limits.ts'

t.test('a tenant has its own limit, that of all, or a share of the store; results have more', async (t) => {
  const storageBytes = 10 * 1024 ** 3
  const byShare = new ObjectLimits({ storageBytes })
  t.equal(Math.round((byShare.of('acme') / 1024 ** 3) * 100) / 100, 1.57)
  t.ok(byShare.forResults('acme') > 1.2 * byShare.of('acme'))
  const given = new ObjectLimits({
    storageBytes,
    tenantObjectBytes: 900,
    tenantObjectBytesOf: new Map([['free', 0]]),
  })
  t.strictSame([given.of('acme'), given.forResults('acme')], [900, 1100])
  t.strictSame([given.of('free'), given.forResults('free')], [0, 0], 'no limit')
})

t.test('sizes are for people', async (t) => {
  t.strictSame([1, 20 * 1024 ** 2, 1.5 * 1024 ** 3].map(sizeText), ['1 bytes', '20 MiB', '1.50 GiB'])
})
