import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { EndedTasks } from '../history/ended-tasks.ts'
import type { AdmissionConfig } from '../intake/admission-config.ts'
import type { AdmissionControl } from '../intake/admission-control.ts'
import type { CameraQuota } from '../intake/camera-quota.ts'
import type { ObjectOwners } from '../intake/object-owners.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import { CountedBlobs } from './counted-blobs.ts'
import type { ObjectLedger } from './ledger/object-ledger.ts'
import { ObjectApi } from './object-api.ts'
import { ObjectCount } from './object-count.ts'
import { ObjectKeeping } from './object-keeping.ts'
import type { ObjectLimits } from './object-limits.ts'
import { ObjectSweep } from './object-sweep.ts'
import { StepObjectCounting } from './step-object-counting.ts'
import { TaskLifetimes } from './task-lifetimes.ts'

interface Base extends Pick<ServiceContext, 'config' | 'log' | 'lifecycle' | 'metrics'> {
  bus: Bus
  blobs: BlobStore
  store: PartitionStore
  /** The broker's. */
  clock: Clock
  partitions: number
  live: LivePartitions
  ended: EndedTasks
}

/** What the rest of an orchestrator needs of objects. */
export interface TenantObjects {
  keeping: ObjectKeeping
  /** For what the platform itself stores. */
  counted: CountedBlobs
  /** For what steps store. */
  counting: StepObjectCounting
}

/** Adds what counts objects by tenant, keeps them as long as tasks need them, and takes them away after that. */
export function addObjects(
  { lifecycle, bus, blobs, store, partitions, live, clock, config, metrics, log, ended }: Base,
  about: {
    ledger: ObjectLedger
    limits: ObjectLimits
    settings: Pick<AdmissionConfig, 'uploadTtlMs'>
    admission: AdmissionControl
    cameras: CameraQuota
    owners: ObjectOwners
    isSweeper: () => boolean
  },
): TenantObjects {
  const { ledger, limits, admission, cameras, owners, isSweeper } = about
  const { uploadTtlMs } = about.settings
  const { keepFinishedMs } = config
  const { nowMs } = clock
  const tenantOf = owners.tenantOf.bind(owners)
  const keeping = new ObjectKeeping({ ledger, blobs, uploadTtlMs, nowMs })
  const tasks = new TaskLifetimes({ store, partitions, keepFinishedMs, nowMs, ended })
  const shared = { bus, ledger, store, blobs, partitions, uploadTtlMs, metrics, clock, log }
  const count = new ObjectCount({ ...shared, live, keeping, tenantOf })
  lifecycle.add(new ObjectApi({ ...shared, count, limits, admission, cameras, owners, tasks }))
  lifecycle.add(new ObjectSweep({ ...shared, count, tasks, isSweeper }))
  return {
    keeping,
    counted: new CountedBlobs({ blobs, ledger, tenantOf, keepFinishedMs, nowMs, log }),
    counting: new StepObjectCounting({ ledger, limits, keepFinishedMs, nowMs }),
  }
}
