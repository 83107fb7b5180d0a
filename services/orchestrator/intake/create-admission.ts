import { randomUUID } from 'node:crypto'
import { systemClock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { StorageLevel } from '#schemas/storage.ts'
import type { ObjectLedger } from '../objects/ledger/object-ledger.ts'
import { ObjectLimits } from '../objects/object-limits.ts'
import { ObjectUsage } from '../objects/object-usage.ts'
import { StorageCheck } from '../storage/storage-check.ts'
import type { AdmissionConfig } from './admission-config.ts'
import { AdmissionControl } from './admission-control.ts'
import { CameraQuota } from './camera-quota.ts'
import { CapacityCheck } from './capacity-check.ts'
import { MemoryCheck } from './memory-check.ts'
import { Places } from './places.ts'
import { QueueForecast } from './queue-forecast.ts'
import { QueueWaitCheck } from './queue-wait-check.ts'

/** What decides whether tasks come in, and the parts of it that have to be told something. */
export interface Admitting {
  admission: AdmissionControl
  /** Of objects; it has to be started. */
  usage: ObjectUsage
  objectLimits: ObjectLimits
  cameras: CameraQuota
  capacity: CapacityCheck
  memory: MemoryCheck
  forecast: QueueForecast
  /** Of those who were refused; other orchestrators have to be told of them. */
  places: Places
}

/** @param about.storageBytes of the whole platform */
export function createAdmission({
  limits,
  ledger,
  storageBytes,
  account,
  metrics,
  log,
}: Pick<ServiceContext, 'metrics' | 'log'> & {
  limits: AdmissionConfig
  ledger: ObjectLedger
  storageBytes: number
  /** How full the account of JetStream is; undefined while that is not known. */
  account: () => StorageLevel | undefined
}): Admitting {
  const objectLimits = new ObjectLimits({ ...limits, storageBytes })
  const usage = new ObjectUsage({ ledger, limits: objectLimits, metrics, clock: systemClock, log })
  const cameras = new CameraQuota(limits)
  const capacity = new CapacityCheck(limits)
  const memory = new MemoryCheck()
  const forecast = new QueueForecast()
  const places = new Places(randomUUID())
  const admission = new AdmissionControl(limits, {
    checks: [...[usage, cameras, capacity, memory, new StorageCheck(account)], new QueueWaitCheck(forecast)],
    places,
    onRefused: (reason) => metrics.counter('murmur_admission_refused_total').labels(reason).inc(),
  })
  return { admission, usage, objectLimits, cameras, capacity, memory, forecast, places }
}
