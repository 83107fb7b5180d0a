import type { AlertCase } from '../alert-case.ts'

/** Once, late in its phase. */
const once = (minute: number) => (minute === 15 ? 1 : 0)

export const LOG_CASES: readonly AlertCase[] = [
  {
    alert: 'PartitionsUnowned',
    // One partition more or less than there are: both at once is a handover.
    gauges: {
      'murmur_partitions_owned{job="orchestrator",instance="orchestrator-2:9090"}': [8, 7, 9],
    },
  },
  {
    alert: 'PartitionStuck',
    labels: { partition: '3' },
    gauges: { 'murmur_partition_stuck_seconds{partition="3"}': [30, 31] },
  },
  {
    alert: 'LagGrows',
    // Much, but no more than before; then growing; then much and shrinking.
    gauges: {
      'murmur_partition_lag_events{partition="0"}': [
        50_000,
        (minute) => 50_000 + minute * 1000,
        (minute) => 50_000 - minute * 1000,
      ],
    },
  },
  {
    alert: 'LagGrows',
    gauges: {
      'murmur_partition_lag_events{partition="0"}': [
        (minute) => minute * 400,
        (minute) => 10_001 + minute,
        0,
      ],
    },
  },
  { alert: 'PartitionsRefused', gauges: { 'murmur_partitions_refused{}': [0, 1] } },
  { alert: 'PayloadKeyMissing', gauges: { 'murmur_partitions_without_key{}': [0, 1] } },
  {
    alert: 'RecordsRefused',
    labels: { stream: 'KEYS' },
    counters: { 'murmur_records_refused_total{stream="KEYS"}': [0, once] },
    clears: 20,
  },
  { alert: 'CommitsConflict', counters: { 'murmur_commit_conflicts_total{}': [1, 2] }, minutes: 35 },
  {
    alert: 'CommitsSlow',
    // Of 1,000 commits 10 may take longer than 200 ms.
    counters: {
      'murmur_commit_duration_seconds_bucket{le="0.05"}': [991, 900],
      'murmur_commit_duration_seconds_bucket{le="0.2"}': [1000, 900],
      'murmur_commit_duration_seconds_bucket{le="0.5"}': [1000, 1000],
      'murmur_commit_duration_seconds_bucket{le="+Inf"}': [1000, 1000],
    },
    minutes: 35,
  },
  { alert: 'TasksLost', counters: { 'murmur_tasks_lost_total{}': [0, once] }, clears: 65 },
  { alert: 'TasksQuarantined', counters: { 'murmur_tasks_quarantined_total{}': [0, once] }, clears: 65 },
  {
    alert: 'InvariantBroken',
    labels: { rule: 'due-happens' },
    counters: { 'murmur_integrity_violations_total{rule="due-happens"}': [0, once] },
    clears: 65,
  },
  {
    alert: 'PartitionsRebuilt',
    labels: { reason: 'other-stream' },
    counters: {
      'murmur_partition_rebuilds_total{reason="other-stream"}': [0, once],
      'murmur_partition_rebuilds_total{reason="nothing-stored"}': [1, 1],
    },
    clears: 65,
  },
  {
    alert: 'HorizonStuck',
    counters: { 'murmur_checkpoint_round_failures_total{}': [0.4, 1] },
    minutes: 90,
    clears: 90,
  },
  {
    alert: 'StreamNearMark',
    labels: { stream: 'log' },
    gauges: { 'murmur_stream_fill_ratio{stream="log"}': [0.765, 0.77] },
  },
  {
    alert: 'StreamAtMark',
    labels: { stream: 'log' },
    gauges: { 'murmur_stream_fill_ratio{stream="log"}': [0.7, 0.85] },
  },
  {
    alert: 'StorageAtMark',
    labels: { resource: 'redis' },
    gauges: {
      'murmur_storage_fill_ratio{resource="redis"}': [0.8, 0.86],
      'murmur_storage_mark{resource="redis"}': [0, 1],
      // Told by another alert.
      'murmur_storage_fill_ratio{resource="steps"}': [0.85, 0.85],
      'murmur_storage_mark{resource="steps"}': [1, 1],
    },
  },
  {
    alert: 'StorageHeadroomUsed',
    labels: { resource: 'log' },
    gauges: {
      'murmur_storage_fill_ratio{resource="log"}': [0.86, 0.93],
      'murmur_storage_mark{resource="log"}': [1, 2],
    },
  },
  {
    alert: 'StorageFull',
    labels: { resource: 'archive' },
    gauges: {
      'murmur_storage_fill_ratio{resource="archive"}': [0.8, 0.96],
      'murmur_storage_mark{resource="archive"}': [0, 3],
    },
  },
  {
    alert: 'ArchiveLags',
    gauges: { 'murmur_archive_lag_seconds{partition="1"}': [7200, 7201] },
    minutes: 35,
  },
]
