import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { SourceSealer } from '#platform/secrets/source-sealing.ts'
import type { ControlApi } from '../api/control-api.ts'
import type { Intake } from '../intake/intake.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import { ScheduleApi } from './schedule-api.ts'
import { ScheduleRunner } from './schedule-runner.ts'
import { ScheduleStore } from './schedule-store.ts'

interface SchedulesBase extends Pick<ServiceContext, 'lifecycle' | 'metrics' | 'log'> {
  bus: Bus
  store: PartitionStore
  partitions: number
  live: LivePartitions
  /** The broker's. */
  clock: Clock
}

/** Adds what starts tasks at times of their own. */
export function addSchedules(
  { lifecycle, bus, store, partitions, live, clock, metrics, log }: SchedulesBase,
  {
    intake,
    controls,
    owns,
    sources,
  }: { intake: Intake; controls: ControlApi; owns: (partition: number) => boolean; sources: SourceSealer },
): void {
  const schedules = lifecycle.add(new ScheduleStore({ bus, clock, log }))
  const accept = intake.accept.bind(intake)
  const shared = { bus, schedules, store, partitions, clock, accept, log }
  const cancel = controls.cancel.bind(controls)
  lifecycle.add(new ScheduleRunner({ ...shared, live, owns, cancel, metrics }))
  lifecycle.add(new ScheduleApi({ ...shared, sources, check: intake.check.bind(intake) }))
  metrics.onScrape(() => metrics.gauge('murmur_schedules').labels().set(schedules.count))
}
