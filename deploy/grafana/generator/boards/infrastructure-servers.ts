import {
  EventsPerSecond,
  NoUnit,
  OpsPerSecond,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { graph, heatmapOf, type Panel } from '../panels.ts'
import { buckets, max, mean, orZero, quantile, rate, sum } from '../promql.ts'
import { recorded } from '../recorded.ts'

const QUANTILES = [0.5, 0.95, 0.99] as const

export const PARTITIONS: readonly Panel[] = [
  graph({
    title: 'Partitions by owner',
    description: 'They are shared evenly a moment after an orchestrator came or went.',
    unit: NoUnit,
    width: 8,
    stacked: true,
    queries: [{ expr: sum('murmur_partitions_owned', { by: ['instance'] }), legend: '{{instance}}' }],
  }),
  graph({
    title: 'Events behind by partition',
    description:
      'The eight that are furthest behind. One alone that grows: its owner; all: too few orchestrators, or Redis.',
    unit: Short,
    width: 8,
    queries: [
      {
        expr: `topk(8, ${max('murmur_partition_lag_events', { by: ['partition'] })})`,
        legend: 'partition {{partition}}',
      },
    ],
  }),
  graph({
    title: 'Partitions that stand still',
    description: 'How long one has not moved although there is something to do.',
    unit: Seconds,
    width: 8,
    limits: { warning: 5, critical: 30 },
    queries: [
      {
        expr: `topk(8, ${max('murmur_partition_stuck_seconds', { by: ['partition'] })})`,
        legend: 'partition {{partition}}',
      },
    ],
  }),
  graph({
    title: 'From the log to the commit',
    description:
      'From the storing of an event to the commit of what became of it, the oldest of each commit. The service level is 500 ms.',
    unit: Seconds,
    width: 8,
    limits: { warning: 0.1, critical: 0.5 },
    queries: QUANTILES.map((q) => ({
      expr: quantile(q, 'murmur_event_fold_seconds'),
      legend: `P${q * 100}`,
    })),
  }),
  graph({
    title: 'Events for each commit',
    description: 'One when idle, hundreds under load: batches grow with what waits.',
    unit: Short,
    width: 8,
    queries: [
      { expr: mean('murmur_fold_batch_events'), legend: 'mean' },
      { expr: quantile(0.99, 'murmur_fold_batch_events'), legend: 'P99' },
    ],
  }),
  graph({
    title: 'Events that came too late',
    description:
      'To change anything, by reason. Superseded attempts are usual after time-outs and restarts; undecodable ones are not.',
    unit: EventsPerSecond,
    width: 8,
    stacked: true,
    queries: [{ expr: rate('murmur_late_results_total', { by: ['reason'] }), legend: '{{reason}}' }],
  }),
]

export const REDIS: readonly Panel[] = [
  graph({
    title: 'Commits to Redis',
    description:
      'Time of one commit of states and offset: one call of a script. Slow: Redis, its disk, or the way there.',
    unit: Seconds,
    width: 8,
    limits: { warning: 0.05, critical: 0.5 },
    queries: QUANTILES.map((q) => ({
      expr: quantile(q, 'murmur_commit_duration_seconds'),
      legend: `P${q * 100}`,
    })),
  }),
  heatmapOf({
    title: 'How long commits take',
    description: 'Each column is a moment, each cell a range of durations; the brighter, the more commits.',
    unit: Seconds,
    width: 8,
    queries: [{ expr: buckets('murmur_commit_duration_seconds'), legend: '{{le}}' }],
  }),
  graph({
    title: 'Commits refused',
    description:
      'Because another orchestrator owns the partition: safe, and rare. Many: leases change hands all the time.',
    unit: OpsPerSecond,
    width: 8,
    queries: [{ expr: rate('murmur_commit_conflicts_total', { by: ['instance'] }), legend: '{{instance}}' }],
  }),
  graph({
    title: 'Partitions built anew',
    description:
      'From the log, by reason: Redis was empty or older than the log, or the log is another one. Expected after a restore and after a loss of Redis.',
    unit: OpsPerSecond,
    width: 12,
    stacked: true,
    queries: [{ expr: rate('murmur_partition_rebuilds_total', { by: ['reason'] }), legend: '{{reason}}' }],
  }),
  graph({
    title: 'How far the log is needed',
    description:
      'Age of the oldest event that a partition needs, for the partition that is furthest behind: what is older is purged. 0 without checkpoints.',
    unit: Seconds,
    width: 12,
    queries: [{ expr: max('murmur_horizon_lag_seconds'), legend: 'behind' }],
  }),
  graph({
    title: 'Checkpoints',
    description:
      'States of long-lived tasks that were written, and rounds that were cut short or left something out: those should be 0.',
    unit: OpsPerSecond,
    width: 12,
    queries: [
      { expr: rate('murmur_checkpoints_written_total'), legend: 'written' },
      { expr: rate('murmur_checkpoint_round_failures_total'), legend: 'rounds that failed' },
      { expr: rate('murmur_log_purged_messages_total'), legend: 'messages of the log purged' },
    ],
  }),
  graph({
    title: 'How far the archive is behind',
    description:
      'Age of the oldest event of the log that is not in the archive, for the partition that is furthest behind. It rises and falls with each segment, every 15 minutes; above two hours something is wrong.',
    unit: Seconds,
    width: 12,
    limits: { warning: 3600, critical: 7200 },
    queries: [{ expr: max('murmur_archive_lag_seconds'), legend: 'behind' }],
  }),
  graph({
    title: 'To be archived',
    description: 'Events that are in the log and not in the archive, and what was written of others.',
    unit: Short,
    width: 12,
    queries: [
      { expr: sum('murmur_archive_lag_events'), legend: 'events' },
      { expr: sum('murmur_archive_lag_bytes'), legend: 'bytes of text' },
    ],
  }),
  graph({
    title: 'What went wrong with states',
    description:
      'Tasks that Redis had and the log has not, that were ended because they could not go on, states that could not be read, readers that were begun again. All of them should be 0.',
    unit: OpsPerSecond,
    width: 12,
    queries: [
      { expr: rate('murmur_tasks_lost_total'), legend: 'tasks that the log does not have' },
      { expr: rate('murmur_tasks_quarantined_total'), legend: 'tasks ended' },
      { expr: rate('murmur_states_unreadable_total'), legend: 'states unreadable' },
      { expr: rate('murmur_log_reader_restarts_total'), legend: 'readers begun again' },
    ],
  }),
]

export const NATS: readonly Panel[] = [
  graph({
    title: 'Streams, of what they may hold',
    description: 'At 1 the server refuses messages. New tasks are refused before: see the next panel.',
    unit: PercentUnit,
    width: 8,
    max: 1,
    limits: { warning: 0.7, critical: 0.85 },
    queries: [
      {
        expr: `(${max('murmur_stream_bytes', { by: ['stream'] })}) / ((${max('murmur_stream_max_bytes', { by: ['stream'] })}) > 0)`,
        legend: '{{stream}}',
      },
    ],
  }),
  graph({
    title: 'Streams, of their mark',
    description:
      'How full the log, the queues and the object store are, of what new tasks may fill. At 1 new tasks are refused.',
    unit: PercentUnit,
    width: 8,
    limits: { warning: 0.8, critical: 1 },
    queries: [{ expr: recorded('stream:murmur_stream_fill_of_mark:ratio'), legend: '{{stream}}' }],
  }),
  graph({
    title: 'Marks of storage',
    description:
      'Above how many of its marks each store is: 1 new tasks are refused (or it is nearly full), 2 half of the rest is used, 3 what may go goes.',
    unit: Short,
    width: 8,
    max: 3,
    limits: { warning: 1, critical: 2 },
    queries: [{ expr: max('murmur_storage_mark', { by: ['resource'] }), legend: '{{resource}}' }],
  }),
  graph({
    title: 'Messages in streams',
    description: 'What waits in queues goes; what the log holds goes with its age.',
    unit: Short,
    width: 8,
    queries: [{ expr: max('murmur_stream_messages', { by: ['stream'] }), legend: '{{stream}}' }],
  }),
  graph({
    title: 'Publishing',
    description:
      'From publishing to the acknowledgement by JetStream, the slowest 1 %. Slow everywhere: NATS or its disk; in one process: its event loop.',
    unit: Seconds,
    width: 8,
    limits: { warning: 0.1, critical: 1 },
    queries: [
      {
        expr: quantile(0.99, 'murmur_publish_duration_seconds', { by: ['job', 'instance'] }),
        legend: '{{job}} {{instance}}',
      },
    ],
  }),
  graph({
    title: 'Publishes tried again',
    description:
      'Because no acknowledgement came in time. Nothing is lost or doubled by that; it says that NATS is slow or away.',
    unit: OpsPerSecond,
    width: 8,
    queries: [
      {
        expr: rate('murmur_publish_retries_total', { by: ['job', 'instance'] }),
        legend: '{{job}} {{instance}}',
      },
    ],
  }),
  graph({
    title: 'Submissions in the durable queue',
    description: 'That nobody has taken in. They wait while there is no room, or no orchestrator.',
    unit: Short,
    width: 8,
    queries: [{ expr: orZero(max('murmur_intake_depth')), legend: 'submissions' }],
  }),
]
