import { loadAdmissionConfig } from '#platform/config/admission.ts'
import { type MainContext, runMain } from '#platform/lifecycle/run-main.ts'
import { connectService } from '#platform/nats/connect-service.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { createHealthServer } from '#platform/telemetry/health-server.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { createTracing } from '#platform/telemetry/tracing.ts'
import { INTAKE_CONSUMER } from '#subjects/streams.ts'
import { SubmissionApi } from './api/submission-api.ts'
import { SystemApi } from './api/system-api.ts'
import { TaskApi } from './api/task-api.ts'
import { AdmissionControl } from './intake/admission-control.ts'
import { Intake } from './intake/intake.ts'
import { LoadWatch } from './intake/load-watch.ts'
import { QueueForecast } from './intake/queue-forecast.ts'
import { RoomControl } from './intake/room-control.ts'
import { RoomWatch } from './intake/room-watch.ts'
import { SubmissionNotes } from './intake/submission-notes.ts'
import { WaitControl } from './intake/wait-control.ts'
import { NatsEmitter } from './partition/emitter.ts'
import { LeaseKeeper } from './partition/lease-keeper.ts'
import { ParkedCount } from './partition/parked-count.ts'
import { PartitionOwner } from './partition/partition-owner.ts'
import { RedisPartitionStore } from './partition/redis-partition-store.ts'
import { TelemetryObserver } from './partition/telemetry-observer.ts'
import { watchDepth } from './partition/watch-depth.ts'
import { TASK_TYPE_NAMES } from './plan/plan-submission.ts'
import { AgentRegistry } from './registry/agent-registry.ts'
import { DeadLetters } from './registry/dead-letters.ts'
import { QueueProvider } from './registry/queue-provider.ts'

/** Tasks kept in memory by one orchestrator, over all its partitions; others are read when they are needed. */
const CACHED_TASKS = 8_000
const REDIS_WAIT_MS = 30_000

await runMain('orchestrator', build)

/** Puts an orchestrator together. Components start in this order and stop in reverse. */
async function build({ config, log, clock, lifecycle }: MainContext) {
  const limits = loadAdmissionConfig()
  const metrics = createMetrics({ processMetrics: true })
  const room = new RoomControl(limits)
  const forecast = new QueueForecast()
  const admission = new AdmissionControl(limits, {
    checks: [room, new WaitControl(forecast)],
    onRefused: (reason) => metrics.counter('murmur_admission_refused_total').labels(reason).inc(),
  })
  const tracing = await createTracing({ service: 'orchestrator', ...config }, log)
  const redis = createRedis(config.redisUrl, {
    onStatus: (status, detail) => log.debug({ status, detail }, 'redis'),
  })
  await waitForRedis(redis, REDIS_WAIT_MS)
  const bus = await connectService('orchestrator', { config, log, metrics })
  const storageBytes = config.storageGib * 1024 ** 3
  const { partitions } = await bus.provisionStreams({ partitions: config.partitions, storageBytes })
  await bus.provisionConsumer(INTAKE_CONSUMER)
  const blobs = await bus.createBlobStore({ storageBytes })

  const store = new RedisPartitionStore(redis, { keepFinishedMs: config.keepFinishedMs })
  const observer = new TelemetryObserver({ metrics, tracing, log })
  const options = { keepFinishedMs: config.keepFinishedMs, cachedTasks: Math.ceil(CACHED_TASKS / partitions) }
  const parked = new ParkedCount()
  const createOwner = (partition: number) => {
    const { instance } = config
    const emitter = new NatsEmitter({ bus, blobs, store, partition, instance, parked, observer, clock, log })
    return new PartitionOwner({ partition, bus, store, emitter, observer, clock, log, options })
  }

  lifecycle.add({
    name: 'connections',
    async stop() {
      await bus.close()
      await redis.close()
      await tracing.shutdown()
    },
  })
  const registry = lifecycle.add(new AgentRegistry({ bus, redis, clock, metrics, log }))
  lifecycle.add(new QueueProvider(bus))
  lifecycle.add(new DeadLetters({ bus, metrics, log, instance: config.instance, nowMs: clock.nowMs }))
  const leases = lifecycle.add(
    new LeaseKeeper({ redis, instance: config.instance, partitions, clock, log, createOwner }),
  )
  lifecycle.add(new TaskApi({ bus, store, partitions, clock }))
  lifecycle.add(new SystemApi({ bus, store, partitions, registry }))
  const notes = new SubmissionNotes(redis)
  lifecycle.add(new SubmissionApi({ bus, store, notes, partitions, clock }))
  const lagEvents = () => [...leases.owners.values()].reduce((sum, owner) => sum + owner.lagEvents, 0)
  const ownShare = () => leases.owners.size / partitions
  lifecycle.add(new RoomWatch({ counts: bus.counts, room, forecast, parked, ownShare, metrics, clock, log }))
  lifecycle.add(new LoadWatch({ store, partitions, lagEvents, admission, clock, log }))
  lifecycle.add(
    new Intake({
      bus,
      store,
      partitions,
      metrics,
      tracing,
      log,
      clock,
      admission,
      notes,
      isKnownAgent: (agent) => registry.isKnown(agent),
    }),
  )
  watchDepth({ metrics, store, leases, types: TASK_TYPE_NAMES })
  const health = lifecycle.add(
    createHealthServer({
      host: config.httpHost,
      port: config.httpPort,
      metrics,
      log,
      checks: () => ({
        nats: {
          ok: bus.connected,
          detail: bus.connected ? `connected to ${bus.serverVersion}` : 'not connected',
        },
        redis: { ok: redis.ready, detail: redis.ready ? 'connected' : 'not connected' },
      }),
    }),
  )
  return () => ({ httpPort: health.port, partitions, owned: leases.owners.size })
}
