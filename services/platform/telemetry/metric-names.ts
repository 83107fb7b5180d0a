/** What a metric counts, in which unit, and what it is split by. */
export interface MetricSpec {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  unit: string
  labels: readonly string[]
  /** Histograms only: upper bounds, ascending. */
  buckets?: readonly number[]
}

const TASK_BUCKETS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000,
] as const
const STEP_BUCKETS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600,
] as const
const IO_BUCKETS_S = [
  0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
] as const
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000] as const

/**
 * Every metric. The first five have the names that users were promised; the others are `murmur_<what>_<unit>` in base
 * units. No ids as labels: each series costs memory here and in every Prometheus for as long as it is kept.
 */
export const METRICS = {
  tasks_submitted_total: {
    type: 'counter',
    help: 'Tasks that were accepted.',
    unit: 'tasks',
    labels: ['type'],
  },
  tasks_completed_total: {
    type: 'counter',
    help: 'Tasks that ended well.',
    unit: 'tasks',
    labels: ['type'],
  },
  tasks_failed_total: {
    type: 'counter',
    help: 'Tasks that failed, by the code of their error.',
    unit: 'tasks',
    labels: ['type', 'code'],
  },
  task_execution_time_ms: {
    type: 'histogram',
    help: 'From acceptance to the end of a task.',
    unit: 'milliseconds',
    labels: ['type'],
    buckets: TASK_BUCKETS_MS,
  },
  queue_depth: {
    type: 'gauge',
    help: 'Work that waits, by type of task.',
    unit: 'messages',
    labels: ['task_type'],
  },
  murmur_clock_skew_seconds: {
    type: 'gauge',
    help: "How far this machine's clock is ahead of the broker's, by which decisions go; 0 while that is not known.",
    unit: 'seconds',
    labels: [],
  },
  murmur_edge_refused_total: {
    type: 'counter',
    help: 'Requests that the edge did not let in, by the code of the refusal.',
    unit: 'requests',
    labels: ['code'],
  },
  murmur_tasks_active: {
    type: 'gauge',
    help: 'Tasks of the partitions owned here that have not ended.',
    unit: 'tasks',
    labels: [],
  },
  murmur_schedule_started_total: {
    type: 'counter',
    help: 'Tasks that schedules started.',
    unit: 'tasks',
    labels: [],
  },
  murmur_schedule_skipped_total: {
    type: 'counter',
    help: 'Occurrences of schedules that became no task, by why: overlap, missed, paused, refused.',
    unit: 'occurrences',
    labels: ['why'],
  },
  murmur_schedule_late_seconds: {
    type: 'histogram',
    help: 'From the time of an occurrence, with its jitter, to the acceptance of its task.',
    unit: 'seconds',
    labels: [],
    buckets: STEP_BUCKETS_S,
  },
  murmur_schedules: {
    type: 'gauge',
    help: 'Schedules that there are.',
    unit: 'schedules',
    labels: [],
  },
  murmur_keyed_submissions_total: {
    type: 'counter',
    help: 'Submissions with a key of singleton or debounce, by what became of them: started, replaced, merged, existing, repeated, refused.',
    unit: 'submissions',
    labels: ['outcome'],
  },
  murmur_submission_keys: {
    type: 'gauge',
    help: 'Keys of singleton and debounce that are in use, or were in the last ten minutes.',
    unit: 'keys',
    labels: [],
  },
  murmur_tasks_cancelled_total: {
    type: 'counter',
    help: 'Tasks that were cancelled.',
    unit: 'tasks',
    labels: ['type'],
  },
  murmur_rejected_total: {
    type: 'counter',
    help: 'Submissions that were refused, by the code of the problem.',
    unit: 'submissions',
    labels: ['code'],
  },
  murmur_admission_refused_total: {
    type: 'counter',
    help: 'Tasks that were not let in, by what there was no room in: active, lag, quota, log, steps, objects, queue, wait. One in the durable queue counts each time it is looked at.',
    unit: 'tasks',
    labels: ['reason'],
  },
  murmur_stream_fill_ratio: {
    type: 'gauge',
    help: 'How full a stream is, of what it may hold: log, steps, objects.',
    unit: 'share, 0 to 1',
    labels: ['stream'],
  },
  murmur_steps_parked: {
    type: 'gauge',
    help: 'Steps that wait for their turn, or until their queue or the object store has room.',
    unit: 'steps',
    labels: ['agent'],
  },
  murmur_breaker_state: {
    type: 'gauge',
    help: 'The circuit breaker of an agent type: 0 closed, 1 half open, 2 open.',
    unit: 'state',
    labels: ['agent'],
  },
  murmur_breaker_transitions_total: {
    type: 'counter',
    help: 'Circuit breakers of agent types and of their instances that went into a state.',
    unit: 'transitions',
    labels: ['agent', 'scope', 'state'],
  },
  murmur_steps_dispatched_total: {
    type: 'counter',
    help: 'Attempts of steps that were put on a queue.',
    unit: 'attempts',
    labels: ['agent'],
  },
  murmur_step_results_total: {
    type: 'counter',
    help: 'Results of attempts, by outcome: done, retry, fail, timeout.',
    unit: 'attempts',
    labels: ['agent', 'outcome'],
  },
  murmur_step_duration_seconds: {
    type: 'histogram',
    help: 'From the start to the end of an attempt, by the clock of the agent.',
    unit: 'seconds',
    labels: ['agent'],
    buckets: STEP_BUCKETS_S,
  },
  murmur_step_queue_seconds: {
    type: 'histogram',
    help: 'From the dispatch of an attempt to its start.',
    unit: 'seconds',
    labels: ['agent'],
    buckets: STEP_BUCKETS_S,
  },
  murmur_late_results_total: {
    type: 'counter',
    help: 'Events that came too late to change anything, by reason.',
    unit: 'events',
    labels: ['reason'],
  },
  murmur_fold_batch_events: {
    type: 'histogram',
    help: 'Events folded by one commit.',
    unit: 'events',
    labels: [],
    buckets: BATCH_BUCKETS,
  },
  murmur_commit_duration_seconds: {
    type: 'histogram',
    help: 'Time of one commit of states and offset to Redis.',
    unit: 'seconds',
    labels: [],
    buckets: IO_BUCKETS_S,
  },
  murmur_commit_conflicts_total: {
    type: 'counter',
    help: 'Commits that were refused because somebody else owns the partition.',
    unit: 'commits',
    labels: [],
  },
  murmur_partitions_owned: {
    type: 'gauge',
    help: 'Partitions that this orchestrator owns.',
    unit: 'partitions',
    labels: [],
  },
  murmur_partition_lag_events: {
    type: 'gauge',
    help: 'Events of a partition that are in the log and not folded yet, read or not.',
    unit: 'events',
    labels: ['partition'],
  },
  murmur_partition_stuck_seconds: {
    type: 'gauge',
    help: 'How long a partition owned here has not moved although there is something to do; 0 when all is well.',
    unit: 'seconds',
    labels: ['partition'],
  },
  murmur_partitions_refused: {
    type: 'gauge',
    help: 'Partitions that this orchestrator leaves to one of a later version.',
    unit: 'partitions',
    labels: [],
  },
  murmur_log_reader_restarts_total: {
    type: 'counter',
    help: 'Times that reading a partition stood still and was begun again.',
    unit: 'restarts',
    labels: [],
  },
  murmur_partition_rebuilds_total: {
    type: 'counter',
    help: 'Partitions that were built anew from the log, by reason.',
    unit: 'rebuilds',
    labels: ['reason'],
  },
  murmur_tasks_lost_total: {
    type: 'counter',
    help: 'Tasks that were stored in Redis and that the log does not have.',
    unit: 'tasks',
    labels: [],
  },
  murmur_tasks_quarantined_total: {
    type: 'counter',
    help: 'Tasks that could not go on and were ended.',
    unit: 'tasks',
    labels: [],
  },
  murmur_states_unreadable_total: {
    type: 'counter',
    help: 'Stored states of tasks that could not be read.',
    unit: 'states',
    labels: [],
  },
  murmur_publish_duration_seconds: {
    type: 'histogram',
    help: 'From publishing to the acknowledgement by JetStream.',
    unit: 'seconds',
    labels: [],
    buckets: IO_BUCKETS_S,
  },
  murmur_publish_retries_total: {
    type: 'counter',
    help: 'Publishes that were tried again.',
    unit: 'publishes',
    labels: [],
  },
  murmur_agent_in_flight: {
    type: 'gauge',
    help: 'Steps that the instances of an agent work on now.',
    unit: 'steps',
    labels: ['agent'],
  },
  murmur_agent_capacity: {
    type: 'gauge',
    help: 'Steps that the instances of an agent can work on at the same time.',
    unit: 'steps',
    labels: ['agent'],
  },
  murmur_agent_instances: {
    type: 'gauge',
    help: 'Live instances of an agent.',
    unit: 'instances',
    labels: ['agent'],
  },
  murmur_step_starts_total: {
    type: 'counter',
    help: 'Attempts that agents asked about before or while running them, by what they were told.',
    unit: 'attempts',
    labels: ['agent', 'verdict'],
  },
  murmur_agent_blocked_seconds_total: {
    type: 'counter',
    help: 'How long handlers of an agent have kept the event loop from turning, a second and more at a time.',
    unit: 'seconds',
    labels: ['agent'],
  },
  murmur_agent_stuck_handlers: {
    type: 'gauge',
    help: 'Handlers that have ignored their signal for more than ten seconds; each holds a slot.',
    unit: 'handlers',
    labels: ['agent'],
  },
  murmur_chunks_total: {
    type: 'counter',
    help: 'Chunks that running steps told watchers: partial results and tokens.',
    unit: 'chunks',
    labels: ['agent'],
  },
  murmur_chunks_left_out_total: {
    type: 'counter',
    help: 'Chunks that were left out, because they were too large, too many or no JSON.',
    unit: 'chunks',
    labels: ['agent'],
  },
  murmur_dead_letters_total: {
    type: 'counter',
    help: 'Messages given up and moved to DEAD.',
    unit: 'messages',
    labels: ['agent'],
  },
  murmur_alerts_raised_total: {
    type: 'counter',
    help: 'Alerts that were raised.',
    unit: 'alerts',
    labels: ['severity'],
  },
  murmur_alerts_suppressed_total: {
    type: 'counter',
    help: 'Camera events within the cooldown of an alert, which only count.',
    unit: 'events',
    labels: ['severity'],
  },
  murmur_camera_events_rejected_total: {
    type: 'counter',
    help: 'Messages on the queue of camera events that were none, moved to DEAD.',
    unit: 'messages',
    labels: [],
  },
  murmur_alert_latency_seconds: {
    type: 'histogram',
    help: 'From the capture of the frame to its alert.',
    unit: 'seconds',
    labels: ['severity'],
    buckets: STEP_BUCKETS_S,
  },
  murmur_alert_snapshots_total: {
    type: 'counter',
    help: 'Snapshots of alerts, by outcome: stored, missing.',
    unit: 'snapshots',
    labels: ['outcome'],
  },
  murmur_alert_sink_deliveries_total: {
    type: 'counter',
    help: 'Alerts handed over to a sink.',
    unit: 'alerts',
    labels: ['sink'],
  },
  murmur_alert_sink_failures_total: {
    type: 'counter',
    help: 'Attempts to hand an alert to a sink that failed: again (tried again), dropped (given up).',
    unit: 'attempts',
    labels: ['sink', 'outcome'],
  },
  murmur_inference_seconds: {
    type: 'histogram',
    help: 'Time of the network for one frame: that of its batch, divided.',
    unit: 'seconds',
    labels: ['provider'],
    buckets: STEP_BUCKETS_S,
  },
  murmur_frames_analysed_total: {
    type: 'counter',
    help: 'Frames that the network has looked at.',
    unit: 'frames',
    labels: [],
  },
  murmur_frames_skipped_total: {
    type: 'counter',
    help: 'Frames that a detector had in its hands and let go, because newer ones of their camera were there.',
    unit: 'frames',
    labels: [],
  },
  murmur_frames_malformed_total: {
    type: 'counter',
    help: 'Messages on frames.* that were no frames.',
    unit: 'messages',
    labels: [],
  },
  murmur_frames_unsuitable_total: {
    type: 'counter',
    help: 'Frames of a size that the model does not take.',
    unit: 'frames',
    labels: [],
  },
  murmur_frames_failed_total: {
    type: 'counter',
    help: 'Frames that were lost because the runtime of the network failed.',
    unit: 'frames',
    labels: [],
  },
  murmur_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'How late the event loop was since the last scrape: mean, p99 and max.',
    unit: 'seconds',
    labels: ['stat'],
  },
  murmur_scrape_errors_total: {
    type: 'counter',
    help: 'Gauges that could not be refreshed for a scrape.',
    unit: 'errors',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof METRICS
type NameOf<Type extends MetricSpec['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never
}[MetricName]
export type CounterName = NameOf<'counter'>
export type GaugeName = NameOf<'gauge'>
export type HistogramName = NameOf<'histogram'>

type OneTextEach<Labels extends readonly string[]> = { readonly [Index in keyof Labels]: string }
/** One text per label of the metric, in the order of the table. */
export type LabelValues<Name extends MetricName> = OneTextEach<(typeof METRICS)[Name]['labels']>
