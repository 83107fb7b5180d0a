import t from 'tap'
import type { TaskDemand } from '../../../services/orchestrator/intake/admission-check.ts'
import { loadAdmissionConfig } from '../../../services/orchestrator/intake/admission-config.ts'
import { CameraQuota } from '../../../services/orchestrator/intake/camera-quota.ts'

const demandOf = (tenant: string, cameras: number): TaskDemand => ({
  accepted: {
    tenant,
    plan: { steps: Array.from({ length: cameras }, (_, i) => ({ id: `c${i}`, agent: 'capture' })) },
  } as never,
  bytes: 1,
})
const observed = (quota: CameraQuota, camerasOf: Record<string, number>, seq = 0) =>
  quota.observe({ camerasOf: new Map(Object.entries(camerasOf)), offsets: [seq] })

t.test('a tenant gets as many as it may have, others are let in', async (t) => {
  const quota = new CameraQuota({ tenantCameras: 3 })
  t.equal(quota.refusal(demandOf('north', 9)), undefined, 'nothing is known yet')
  observed(quota, { north: 2 })
  t.equal(quota.refusal(demandOf('north', 1)), undefined)
  const refusal = quota.refusal(demandOf('north', 2))
  t.match(refusal, { code: 'QUOTA_EXCEEDED', reason: 'cameras', retryAfterMs: 5000 })
  t.match(refusal?.message, /2 cameras in use, 3 may be, and this task needs 2: ending a monitor makes room/)
  t.match(quota.refusal(demandOf('north', 4))?.message, /needs 4: fewer steps of capture/)
  t.equal(quota.refusal(demandOf('south', 3)), undefined)
  t.equal(quota.refusal(demandOf('north', 0)), undefined, 'what needs none')
  t.equal(quota.refusal(undefined), undefined, 'and not every task')
})

t.test('what was let in counts at once, until the stores have it', async (t) => {
  const quota = new CameraQuota({ tenantCameras: 3 })
  observed(quota, {})
  t.equal(quota.onAdmitted(demandOf('north', 0)), undefined)
  const first = quota.onAdmitted(demandOf('north', 2))!
  const second = quota.onAdmitted(demandOf('north', 1))!
  t.strictSame(quota.usage('north'), { used: 3, limit: 3 })
  t.ok(quota.refusal(demandOf('north', 1)))
  second.withdrawn()
  t.strictSame(quota.usage('north'), { used: 2, limit: 3 })
  first.stored(0, 7)
  observed(quota, {}, 6)
  t.equal(quota.usage('north').used, 2, 'not folded yet')
  observed(quota, { north: 2 }, 7)
  t.equal(quota.usage('north').used, 2, 'and not twice')
})

t.test('settings: a number by default, another for single tenants, 0 is none', async (t) => {
  const config = loadAdmissionConfig({ MURMUR_TENANT_CAMERAS_OF: 'wide=100, free=0' })
  const quota = new CameraQuota(config)
  observed(quota, { north: 32, wide: 32, free: 500 })
  t.ok(quota.refusal(demandOf('north', 1)))
  t.equal(quota.refusal(demandOf('wide', 1)), undefined)
  t.equal(quota.refusal(demandOf('free', 1)), undefined)
  t.throws(() => loadAdmissionConfig({ MURMUR_TENANT_CAMERAS_OF: 'wide' }), { code: 'CONFIG_INVALID' })
})
