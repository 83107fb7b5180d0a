import { systemClock } from '#platform/clock/clock.ts'
import { loadTextSealer } from '#platform/config/seal-keys.ts'
import { runService, type ServiceContext } from '#platform/lifecycle/run-service.ts'
import { keepBrokerClock } from '#platform/nats/broker-clock-sync.ts'
import { HeldAnswers } from '#platform/nats/held-answers.ts'
import { openRedis, serveWhileRedisAnswers, untilUsable } from '#platform/redis/connect-redis.ts'
import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'
import { createSourceSealer, type SourceSealer } from '#platform/secrets/source-sealing.ts'
import { STREAMS } from '#subjects/streams.ts'
import { lastToken } from '#subjects/subjects.ts'
import { ControlApi } from './api/control-api.ts'
import { DeadLetterApi } from './api/dead-letter-api.ts'
import { LockApi } from './api/lock-api.ts'
import { SubmissionApi } from './api/submission-api.ts'
import { SystemApi } from './api/system-api.ts'
import { TaskAnswers } from './api/task-answers.ts'
import { TaskApi } from './api/task-api.ts'
import type { Base } from './base.ts'
import { addCameras } from './cameras/add-cameras.ts'
import { DetectorRegistry } from './cameras/detector-registry.ts'
import { createDispatcher } from './dispatch/create-dispatcher.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import { QueueReturn } from './dispatch/queue-return.ts'
import { addHistory } from './history/add-history.ts'
import { loadArchiveConfig } from './history/archive-config.ts'
import type { ArchiveReader } from './history/archive-reader.ts'
import { EndedTasks } from './history/ended-tasks.ts'
import type { AcceptDeps } from './intake/accept-task.ts'
import { addLoadSamplers } from './intake/add-load-samplers.ts'
import { loadAdmissionConfig } from './intake/admission-config.ts'
import type { AdmissionControl } from './intake/admission-control.ts'
import type { AdmitContext } from './intake/admit.ts'
import { createAdmission } from './intake/create-admission.ts'
import { IdConflicts } from './intake/id-conflicts.ts'
import { Intake } from './intake/intake.ts'
import { ObjectOwners } from './intake/object-owners.ts'
import { SubmissionOutcomes } from './intake/submission-outcomes.ts'
import { addIntegrity } from './integrity/add-integrity.ts'
import { addObjects } from './objects/add-objects.ts'
import { ObjectLedger } from './objects/ledger/object-ledger.ts'
import type { ObjectKeeping } from './objects/object-keeping.ts'
import { ownerFactory } from './owner-factory.ts'
import type { AcceptChild } from './partition/child-tasks.ts'
import { DispatchedSteps } from './partition/dispatched-steps.ts'
import { FoldWaits } from './partition/fold-waits.ts'
import { guardRecords } from './partition/guard-records.ts'
import { LeaseKeeper } from './partition/lease-keeper.ts'
import { ParkedCount } from './partition/parked-steps.ts'
import { loadPartitionConfig } from './partition/partition-config.ts'
import { refreshPartitionGauges } from './partition/partition-telemetry.ts'
import { Placements } from './partition/placements.ts'
import { StepTokens } from './partition/step-tokens.ts'
import { addPartitions } from './partition-epochs/add-partitions.ts'
import { KnownPartitions } from './partition-epochs/known-partitions.ts'
import { LivePartitionStore } from './partition-epochs/live-partition-store.ts'
import { TASK_TYPE_NAMES } from './plan/plan-submission.ts'
import { PlanTemplates } from './plan/plan-templates.ts'
import { addRegistry } from './registry/add-registry.ts'
import type { AgentRegistry } from './registry/agent-registry.ts'
import { planOf, provisionAll } from './registry/provision-all.ts'
import { refreshQueueGauges } from './registry/queue-gauges.ts'
import { QueueLoads } from './registry/queue-loads.ts'
import { QueueShares } from './registry/queue-shares.ts'
import { addReplicaWatch } from './registry/replica-watch.ts'
import { TopologyKeeper } from './registry/topology-keeper.ts'
import { addSchedules } from './schedules/add-schedules.ts'
import { addStorage } from './storage/add-storage.ts'
import { LeftTasks } from './storage/left-tasks.ts'
import type { StorageWatch } from './storage/storage-watch.ts'
import { KeyedSubmissions } from './submission-keys/keyed-submissions.ts'
import { SubmissionKeyRunner } from './submission-keys/submission-key-runner.ts'
import { SubmissionKeyStore } from './submission-keys/submission-key-store.ts'

type TemplateOf = NonNullable<AdmitContext['template']>

await runService('orchestrator', build, { metrics: ['orchestrator'] })

/** Puts an orchestrator together. Components start in this order and stop in reverse. */
async function build(context: ServiceContext) {
  const { config, log, lifecycle, metrics, tracing } = context
  const limits = loadAdmissionConfig()
  const redis = openRedis(context)
  const storageBytes = config.storageGib * 1024 ** 3
  const ledger = new ObjectLedger(redis)
  const known: { storage?: StorageWatch } = {}
  const account = () => known.storage?.levelOf('jetstream')
  const admitting = createAdmission({ limits, ledger, storageBytes, account, metrics, log })
  const { admission } = admitting
  await untilUsable(redis, log)
  const bus = await context.connect()
  const { keys, codec } = guardRecords(context, bus)
  serveWhileRedisAnswers(redis, bus, log)
  const asked = planOf(config)
  const { partitions, copies, blobs } = await provisionAll(bus, asked, log)
  const plan = { ...asked, partitions }
  // Times of tasks are the broker's, in the log and here: no machine's clock decides anything.
  const clock = bus.brokerClock
  const forgetClock = await keepBrokerClock(bus, { stream: STREAMS.log.name, log })

  const tokens = keys && new StepTokens(keys)
  const { epochLeaseMs } = loadPartitionConfig()
  const live = await KnownPartitions.open({ bus, made: partitions, leaseMs: epochLeaseMs, clock, log })
  const store = new LivePartitionStore(redis, codec, (partition) => live.isLive(partition))
  const parked = new ParkedCount()
  const history: Base['history'] = {}
  const { keepFinishedMs } = config
  const left = new LeftTasks(redis)
  const ended = new EndedTasks({
    ...{ archive: () => history.reader, left, partitions, keepFinishedMs, nowMs: clock.nowMs },
  })
  const base: Base = {
    ...{ config, log, lifecycle, metrics, tracing, bus, redis, blobs, store, clock, partitions },
    ...{ tokens, codec, history, ended, live },
    ...{ held: new HeldAnswers(clock), folds: new FoldWaits({ store, clock }) },
  }
  const owners = new ObjectOwners({ store, partitions, ended })
  lifecycle.add(admitting.usage)
  const objects = addObjects(base, {
    ...{ ...admitting, ledger, limits: admitting.objectLimits, settings: limits, owners },
    isSweeper: () => leads(),
  })
  const placements = new Placements({ redis, clock, log })
  const { dispatcher, drains } = createDispatcher(base, { parked, orchestrators: () => leases.members })
  const dispatched = new DispatchedSteps(bus, log)
  const accept: AcceptChild = (...about) => intake.accept(...about)
  const types = new QueueShares()
  const createOwner = ownerFactory(base, {
    ...{ parked, dispatcher, placements, dispatched, accept, types, owners, counted: objects.counted },
    isPurger: () => leads(),
    mayPurge: () => leases.mayPurge,
    onFailed: (task) => video.watch.onEnded(task),
  })

  lifecycle.add({ name: 'broker clock', stop: forgetClock })
  lifecycle.add(live)
  lifecycle.add(new TopologyKeeper({ bus, clock, log, plan }))
  addReplicaWatch(base, { plan, copies, isReporter: () => leads() })
  const detectors = lifecycle.add(
    new DetectorRegistry({ bus, redis, clock, log, metrics, isReporter: () => leads() }),
  )
  const registry = addRegistry(
    { ...base, counting: objects.counting, drains },
    () => leads(),
    () => video.overview(),
  )
  const leases = lifecycle.add(
    new LeaseKeeper({
      ...{ redis, instance: config.instance, partitions, live, epochLeaseMs, clock, log, createOwner },
    }),
  )
  context.addChecks(() => ({ partitions: leases.check(), epochs: live.check() }))
  codec?.onChange(() => leases.reconsider())
  const owns = (partition: number) => leases.owners.has(partition)
  const leads = () => owns(live.leading())
  lifecycle.add(new QueueReturn({ bus, dispatcher, dispatched, placements, clock, partitions, owns, log }))
  const answers = new TaskAnswers({ blobs: objects.counted, maxMessageBytes: () => bus.maxPayloadBytes })
  const outcomes = new SubmissionOutcomes(redis, undefined, codec)
  const sources = createSourceSealer(loadTextSealer())
  const templates = lifecycle.add(new PlanTemplates({ bus, clock, sources }))
  const template: TemplateOf = (tenant, reference) => templates.resolve(tenant, reference)
  const keyed = addSubmissionKeys(base, { admission, owns, keeping: objects.keeping })
  const owned = () => leases.owners.keys()
  const video = addCameras(base, {
    ...{ agents: () => registry.list(), detectors, owned, isReporter: () => leads() },
  })
  const archiving = await addHistory({ ...base, archive: loadArchiveConfig(), clock: systemClock, owned })
  const archive = archiving?.reader
  history.reader = archive
  const storage = addStorage(base, { history: archiving, left, owned, isReporter: () => owns(0) })
  known.storage = storage
  addApis(base, {
    ...{ registry, answers, placements, outcomes, template, keyed, owners, archive, storage, dispatcher },
  })
  addLoadSamplers(base, { ...admitting, parked, leases, dispatcher })
  const { intake, controls } = addIntake(base, {
    ...{ admission, outcomes, registry, leases, template, sources, keyed, owners, archive },
    keeping: objects.keeping,
  })
  addIntegrity(base)
  addSchedules(base, { intake, controls, owns, sources })
  addPartitions(base, {
    provision: () => provisionAll(bus, plan, log),
    orchestrators: () => {
      const { members, unaware, longestLeaseMs } = leases
      return { members, unaware, longestLeaseMs, isLeading: leads() }
    },
  })
  refreshPartitionGauges({
    ...{ metrics, store, leases, types: TASK_TYPE_NAMES, live, nowMs: clock.nowMs },
  })
  refreshQueueGauges({
    bus,
    metrics,
    isReporter: leads,
    registry,
    types,
    taskTypes: TASK_TYPE_NAMES,
    brokerNowMs: clock.nowMs,
  })
  return () => ({ partitions: live.all().length, owned: leases.owners.size })
}

/** Adds the services that answer requests about what there is. */
function addApis(
  { lifecycle, bus, redis, store, partitions, live, clock, held, folds, config, metrics, log }: Base,
  {
    registry,
    answers,
    placements,
    outcomes,
    template,
    keyed,
    owners,
    archive,
    storage,
    dispatcher,
  }: {
    dispatcher: Dispatcher
    storage: StorageWatch
    archive: ArchiveReader | undefined
    registry: AgentRegistry
    answers: TaskAnswers
    placements: Placements
    outcomes: SubmissionOutcomes
    template: TemplateOf
    keyed: KeyedSubmissions
    owners: ObjectOwners
  },
): void {
  lifecycle.add(
    new TaskApi({ bus, store, partitions, live, clock, answers, placements, archive, held, folds }),
  )
  const system = lifecycle.add(
    new SystemApi({
      ...{ bus, store, partitions, live, registry, template, keyed, storage, clock },
      assertOwn: owners.assertOwn.bind(owners),
    }),
  )
  const queues = system.queues.bind(system)
  const steps = dispatcher.steps.bind(dispatcher)
  const { instance } = config
  lifecycle.add(new QueueLoads({ bus, redis, clock, instance, steps, queues, metrics, log }))
  lifecycle.add(new LockApi(bus, new RedisLockStore(redis)))
  lifecycle.add(new SubmissionApi({ bus, store, outcomes, partitions, live, clock, held, folds }))
}

/** Adds the way in for submissions. */
function addIntake(
  {
    lifecycle,
    bus,
    store,
    partitions,
    live,
    metrics,
    tracing,
    log,
    clock,
    config,
    codec,
    ended,
    held,
    folds,
  }: Base,
  about: {
    admission: AdmissionControl
    outcomes: SubmissionOutcomes
    registry: AgentRegistry
    leases: LeaseKeeper
    template: TemplateOf
    sources: SourceSealer
    keyed: KeyedSubmissions
    owners: ObjectOwners
    keeping: ObjectKeeping
    archive: ArchiveReader | undefined
  },
): { intake: Intake; controls: ControlApi } {
  const { admission, outcomes, registry, leases, template, sources, keyed, keeping, archive } = about
  const { keepFinishedMs } = config
  const isKnownAgent = (agent: string) => registry.isKnown(agent)
  const similarAgents = (agent: string) => registry.similarTypes(agent)
  const telemetry = { metrics, tracing, log }
  const assertOwn = about.owners.assertOwn.bind(about.owners)
  const agents = { isKnownAgent, similarAgents, assertOwn }
  const intake = lifecycle.add(
    new Intake({
      ...{ bus, store, partitions, live, clock, keepFinishedMs, admission, outcomes },
      ...{ template, sources, keyed, keeping, ended },
      ...agents,
      ...telemetry,
    }),
  )
  const accept = intake.accept.bind(intake)
  const controls = lifecycle.add(
    new ControlApi({ bus, store, partitions, live, clock, accept, keeping, archive, held, folds }),
  )
  lifecycle.add(new DeadLetterApi({ bus, log, codec, accept }))
  lifecycle.add(
    new IdConflicts({
      bus,
      clock,
      isReporter: () => leases.owners.has(live.leading()),
      report: (subject, problem, messageId) => intake.reject(lastToken(subject), problem, { messageId }),
    }),
  )
  return { intake, controls }
}

/** Adds what decides about submissions by their keys. */
function addSubmissionKeys(
  { lifecycle, bus, store, partitions, live, clock, metrics, log, config, ended }: Base,
  { owns, ...about }: Pick<AcceptDeps, 'admission' | 'keeping'> & { owns: (partition: number) => boolean },
): KeyedSubmissions {
  const { keepFinishedMs } = config
  const keys = lifecycle.add(new SubmissionKeyStore({ bus, clock, log }))
  const deps = { bus, store, partitions, live, keepFinishedMs, keys, clock, metrics, ended, ...about }
  const submissions = new KeyedSubmissions(deps)
  lifecycle.add(new SubmissionKeyRunner({ keys, submissions, partitions, live, owns, clock, log }))
  metrics.onScrape(() => metrics.gauge('murmur_submission_keys').labels().set(keys.count()))
  return submissions
}
