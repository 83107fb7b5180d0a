import { systemClock } from '#platform/clock/clock.ts'
import { LineBudget } from '#platform/telemetry/line-budget.ts'
import { type Log, traceFields } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import type { LateReason } from '#workflow/decide/commands.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { bodyOfRun, isReserved } from '#workflow/decide/run-body.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import { QueueShares } from '../registry/queue-shares.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { PartitionObserver, RebuildReason } from './partition-observer.ts'
import type { PartitionOwner } from './partition-owner.ts'
import type { PartitionStore } from './partition-store.ts'
import type { LaterState } from './stored-task.ts'
import { taskOutcome } from './task-outcome.ts'
import { recordResult, recordTask, type SendSpan, sendSpan } from './task-spans.ts'

/** Many tasks can fail at once, for one reason: the log has some of them, the metrics have all. */
const FAILURES_LOGGED_A_SECOND = 20

/** Turns what partitions do into metrics, and finished tasks into spans. */
export class TelemetryObserver implements PartitionObserver {
  readonly #deps: { metrics: Metrics; tracing: Tracing; log: Log; types?: QueueShares }
  readonly #types: QueueShares
  readonly #failures = new LineBudget(FAILURES_LOGGED_A_SECOND, systemClock)
  readonly #count: ReturnType<typeof familiesOf>

  constructor(deps: { metrics: Metrics; tracing: Tracing; log: Log; types?: QueueShares }) {
    this.#deps = deps
    this.#count = familiesOf(deps.metrics)
    this.#types = deps.types ?? new QueueShares()
  }

  onBatch(events: number, commitMs: number, waitedMs?: number): void {
    this.#count.batchEvents.observe(events)
    this.#count.commitSec.observe(commitMs / 1000)
    if (waitedMs !== undefined) this.#count.foldSec.observe(waitedMs / 1000)
  }

  onConflict(): void {
    this.#deps.metrics.counter('murmur_commit_conflicts_total').labels().inc()
  }

  onReaderRestart(partition: number, why: string): void {
    this.#deps.metrics.counter('murmur_log_reader_restarts_total').labels().inc()
    this.#deps.log.warn({ partition, why }, 'reading the log stood still and was begun again')
  }

  onRebuild(partition: number, reason: RebuildReason): void {
    this.#deps.metrics.counter('murmur_partition_rebuilds_total').labels(reason).inc()
    const about = { partition, reason }
    // An emptied Redis is foreseen; a log that is another one means that something was lost.
    if (reason === 'nothing-stored') this.#deps.log.warn(about, 'a partition is built anew from the log')
    else this.#deps.log.error(about, 'a partition is built anew from the log that is there now')
  }

  onRebuilt(partition: number, tookMs: number): void {
    this.#deps.metrics
      .histogram('murmur_partition_rebuild_seconds')
      .labels()
      .observe(tookMs / 1000)
    this.#deps.log.info({ partition, tookMs: Math.round(tookMs) }, 'a partition is built anew')
  }

  onCheckpoints(written: number): void {
    if (written > 0) this.#deps.metrics.counter('murmur_checkpoints_written_total').labels().inc(written)
  }

  onIncompleteRound(partition: number, why: string): void {
    this.#deps.metrics.counter('murmur_checkpoint_round_failures_total').labels().inc()
    this.#deps.log.warn({ partition, why }, 'checkpoints of a partition are not whole: its horizon stays')
  }

  onLost(partition: number, count: number, examples: readonly string[]): void {
    if (count === 0) return
    this.#deps.metrics.counter('murmur_tasks_lost_total').labels().inc(count)
    this.#deps.log.error(
      { partition, count, examples },
      'tasks that were stored are not in the log: they are lost',
    )
  }

  onQuarantine(taskId: string, why: string): void {
    this.#deps.metrics.counter('murmur_tasks_quarantined_total').labels().inc()
    this.#deps.log.error({ taskId, why }, 'a task could not go on and was ended')
  }

  onUnreadable(taskId: string, why: string, remade: boolean): void {
    this.#deps.metrics.counter('murmur_states_unreadable_total').labels().inc()
    this.#deps.log.error({ taskId, why, remade }, 'the stored state of a task could not be read')
  }

  onLater(partition: number, { message: why, needsKey }: LaterState): void {
    const what = needsKey
      ? 'a partition stands still, all tenants in it: a key of payloads is missing; put it into the file of MURMUR_PAYLOAD_KEYS, or give it up there'
      : 'a partition is left to an orchestrator of a later version'
    this.#deps.log.error({ partition, why }, what)
  }

  onLate(reason: LateReason): void {
    this.#deps.metrics.counter('murmur_late_results_total').labels(reason).inc()
  }

  onUndecodable(fault: string, seq: number): void {
    this.#deps.metrics.counter('murmur_late_results_total').labels('undecodable').inc()
    this.#deps.log.warn({ fault, seq }, 'a message of the log is no event')
  }

  onDispatch(agent: string, { type }: Pick<TaskState, 'type'>): void {
    this.#count.dispatched.labels(agent).inc()
    this.#types.count(agent, type, 1)
  }

  sending(state: TaskState, about: { runId: string; attempt: number; agent: string }): SendSpan | undefined {
    return sendSpan(this.#deps.tracing, state, about, systemClock.nowMs)
  }

  /** A line for each end: of those that failed within what a log takes, all others where `debug` is wanted. */
  #logEnd(event: TaskEvent, state: TaskState): void {
    const { log } = this.#deps
    const isTold = event.kind === 'failed' && this.#failures.take()
    if (!isTold && !log.debugs) return
    const about = {
      ...traceFields(state.traceparent),
      task: state.id,
      type: state.type,
      tenant: state.tenant,
      ...(state.error && { code: state.error.code, step: state.error.stepId }),
    }
    if (isTold) log.info(about, 'a task failed')
    else log.debug({ ...about, status: event.kind }, 'a task ended')
  }

  onBuried(agent: string, state: TaskState): void {
    this.#deps.metrics.counter('murmur_dead_letters_total').labels(agent).inc()
    this.#deps.log.warn({ taskId: state.id, agent }, 'a step was given up as poison')
  }

  onResult(result: StepResult, state: TaskState, tookMs: number): void {
    const agent = bodyOfRun(state.plan, result.stepId)?.agent
    if (agent === undefined || isReserved(agent)) return
    recordResult(this.#deps.tracing, state, result, { agent, tookMs, endMs: systemClock.nowMs() })
    const dispatchedAtMs = runStateOf(state, result.stepId)?.dispatchedAtMs
    this.#types.count(agent, state.type, -1)
    const tookSec = Math.max(0, result.finishedAtMs - result.startedAtMs) / 1000
    const { agentSec, results, stepSec, queueSec } = this.#count
    agentSec.labels(state.tenant).inc(tookSec)
    results.labels(agent, result.outcome.kind).inc()
    stepSec.labels(agent).observe(tookSec, state.traceparent, result.finishedAtMs)
    if (dispatchedAtMs !== undefined) {
      const queuedMs = Math.max(0, result.startedAtMs - dispatchedAtMs)
      queueSec.labels(agent).observe(queuedMs / 1000, state.traceparent, result.startedAtMs)
    }
  }

  onAnnounced(event: TaskEvent, state: TaskState): void {
    const outcome = taskOutcome(event.kind, state.error)
    if (!outcome) return
    const { outcomes, taskMs, completed, failed, cancelled } = this.#count
    outcomes.labels(outcome).inc()
    const tookMs = (state.finishedAtMs ?? state.createdAtMs) - state.createdAtMs
    taskMs.labels(state.type).observe(tookMs, state.traceparent, state.finishedAtMs)
    if (event.kind === 'completed') completed.labels(state.type).inc()
    else if (event.kind === 'failed') failed.labels(state.type, state.error?.code ?? 'INTERNAL').inc()
    else cancelled.labels(state.type).inc()
    this.#logEnd(event, state)
    recordTask(this.#deps.tracing, state)
  }
}

/** What every task is counted in, looked up once. */
function familiesOf(metrics: Metrics) {
  return {
    batchEvents: metrics.histogram('murmur_fold_batch_events').labels(),
    commitSec: metrics.histogram('murmur_commit_duration_seconds').labels(),
    foldSec: metrics.histogram('murmur_event_fold_seconds').labels(),
    dispatched: metrics.counter('murmur_steps_dispatched_total'),
    agentSec: metrics.counter('murmur_agent_seconds_total'),
    results: metrics.counter('murmur_step_results_total'),
    stepSec: metrics.histogram('murmur_step_duration_seconds'),
    queueSec: metrics.histogram('murmur_step_queue_seconds'),
    outcomes: metrics.counter('murmur_task_outcomes_total'),
    taskMs: metrics.histogram('task_execution_time_ms'),
    completed: metrics.counter('tasks_completed_total'),
    failed: metrics.counter('tasks_failed_total'),
    cancelled: metrics.counter('murmur_tasks_cancelled_total'),
  }
}

export interface PartitionGaugesDeps {
  metrics: Metrics
  store: PartitionStore
  leases: LeaseKeeper
  /** Shown from the start, with 0. */
  types: readonly string[]
  live: Pick<LivePartitions, 'all'>
  /** The broker's time; the machine's, unless told. Unix ms. */
  nowMs?: () => number
}

/** Refreshes at each scrape what is true of the partitions owned here: their share of all tasks, so that sums are right. */
export function refreshPartitionGauges(deps: PartitionGaugesDeps): void {
  const { metrics, store, leases } = deps
  const seenTypes = new Set(deps.types)
  const seenPartitions = new Set<number>()
  metrics.onScrape(async () => {
    const owned = [...leases.owners.keys()]
    const total = new Map<string, number>([...seenTypes].map((type) => [type, 0]))
    for (const depth of await Promise.all(owned.map((partition) => store.depth(partition)))) {
      for (const [type, count] of depth) total.set(type, (total.get(type) ?? 0) + count)
    }
    let active = 0
    for (const [type, count] of total) {
      // A type that has run dry must read 0, not vanish.
      seenTypes.add(type)
      active += count
    }
    metrics.gauge('murmur_tasks_active').labels().set(active)
    metrics.gauge('murmur_partitions').labels().set(deps.live.all().length)
    metrics.gauge('murmur_partitions_owned').labels().set(owned.length)
    const waiting = [...leases.refused.values()].filter(({ needsKey }) => needsKey).length
    metrics
      .gauge('murmur_partitions_refused')
      .labels()
      .set(leases.refused.size - waiting)
    metrics.gauge('murmur_partitions_without_key').labels().set(waiting)
    const nowMs = (deps.nowMs ?? systemClock.nowMs)()
    // One that has gone to somebody else must not be shown as it was here.
    for (const partition of seenPartitions) showPartition({ metrics, nowMs }, partition, undefined)
    for (const [partition, owner] of leases.owners) {
      seenPartitions.add(partition)
      showPartition({ metrics, nowMs }, partition, owner)
    }
  })
}

function showPartition(
  { metrics, nowMs }: { metrics: Metrics; nowMs: number },
  partition: number,
  owner: PartitionOwner | undefined,
): void {
  const label = String(partition)
  metrics
    .gauge('murmur_partition_lag_events')
    .labels(label)
    .set(owner?.lagEvents ?? 0)
  metrics
    .gauge('murmur_partition_stuck_seconds')
    .labels(label)
    .set((owner?.stuckMs ?? 0) / 1000)
  const passedMs = owner?.passedMs
  metrics
    .gauge('murmur_horizon_lag_seconds')
    .labels(label)
    .set(passedMs === undefined ? 0 : Math.max(0, nowMs - passedMs) / 1000)
}
