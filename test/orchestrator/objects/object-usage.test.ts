import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { TaskDemand } from '../../../services/orchestrator/intake/admission-check.ts'
import { ObjectLimits } from '../../../services/orchestrator/objects/object-limits.ts'
import { mostFirst, ObjectUsage } from '../../../services/orchestrator/objects/object-usage.ts'
import { quietLog } from '../../support/owner-fixture.ts'

const demandOf = (tenant: string) => ({ accepted: { tenant } }) as TaskDemand

t.test('new tasks of a tenant wait that has all that it may, those of others do not', async (t) => {
  const metrics = createMetrics({ processMetrics: false })
  let used = new Map([['acme', 100]])
  const usage = new ObjectUsage({
    ledger: { used: async () => used },
    limits: new ObjectLimits({ storageBytes: 0, tenantObjectBytes: 100 }),
    ...{ metrics, clock: createManualClock(), log: quietLog },
  })
  await usage.start()
  t.match(usage.refusal(demandOf('acme')), { code: 'QUOTA_EXCEEDED', reason: 'quota', retryAfterMs: 5000 })
  t.equal(usage.refusal(demandOf('globex')), undefined)
  t.equal(usage.refusal(undefined), undefined, 'not all tasks')
  t.match(await metrics.expose(), /murmur_object_bytes\{tenant="acme"\} 100/)
  used = new Map()
  await usage.stop()
  t.equal(usage.of('acme'), 100)
})

t.test('tenants with most are shown, the others together', async (t) => {
  const used = new Map(Array.from({ length: 60 }, (_, i) => [`t${i}`, i] as const))
  const shown = mostFirst(used)
  t.equal(shown.length, 51)
  t.strictSame(shown[0], ['t59', 59])
  t.strictSame(shown[50], ['_other', 45])
  t.strictSame(mostFirst(new Map([['a', 1]])), [['a', 1]])
})
