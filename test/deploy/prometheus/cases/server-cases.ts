import type { AlertCase } from '../alert-case.ts'

const ready = (instance: string, check: string) =>
  `murmur_ready{job="orchestrator",instance="${instance}:9090",check="${check}"}`
const notReady = (instance: string, check: string) =>
  `NotReady{job="orchestrator",instance="${instance}:9090",check="${check}"}`
const copies = (stream: string, instance: string) =>
  `murmur_stream_replicas{job="orchestrator",instance="${instance}:9090",stream="${stream}"}`
const wantedCopies = (stream: string, instance: string) =>
  `murmur_stream_replicas_wanted{job="orchestrator",instance="${instance}:9090",stream="${stream}"}`
const redis = (metric: string) => `${metric}{job="redis",instance="redis-exporter:9121"}`
const server = 'server_id="a",server_name="nats-0",cluster="murmur"'

export const SERVER_CASES: readonly AlertCase[] = [
  {
    alert: 'NatsDown',
    // One that is connected is enough.
    gauges: {
      [ready('orchestrator-1', 'nats')]: [1, 0],
      [ready('orchestrator-2', 'nats')]: [(minute) => Number(minute > 18), 0, 1],
    },
    also: [notReady('orchestrator-1', 'nats'), notReady('orchestrator-2', 'nats')],
  },
  {
    alert: 'NatsStorageHigh',
    labels: { server_id: 'a', server_name: 'nats-0' },
    gauges: {
      'jetstream_server_total_message_bytes{server_id="a",server_name="nats-0"}': [80, 81],
      'jetstream_server_max_storage{server_id="a",server_name="nats-0"}': [100, 100],
    },
  },
  {
    alert: 'NatsWithoutLeader',
    labels: { server_id: 'a', server_name: 'nats-0', cluster: 'murmur' },
    gauges: {
      [`jetstream_server_total_streams{${server},meta_leader="nats-1"}`]: [9, '_', 9],
      [`jetstream_server_total_streams{${server},meta_leader=""}`]: ['_', 9, '_'],
      // One alone has no cluster and no leader.
      'jetstream_server_total_streams{server_id="b",cluster="",meta_leader=""}': [9, 9],
    },
  },
  {
    alert: 'StreamWithoutLeader',
    labels: { stream: 'LOG' },
    gauges: {
      [copies('LOG', 'orchestrator-1')]: [2, 0, 2],
      [copies('STEPS', 'orchestrator-1')]: [3, 3],
    },
  },
  {
    alert: 'StreamCopiesMissing',
    labels: { stream: 'LOG' },
    gauges: {
      [wantedCopies('LOG', 'orchestrator-1')]: [3, 3],
      // A restart of a server is over sooner than it rings.
      [copies('LOG', 'orchestrator-1')]: [(minute) => (minute % 12 === 0 ? 3 : 2), 2, 3],
      [wantedCopies('STEPS', 'orchestrator-1')]: [3, 3],
      [copies('STEPS', 'orchestrator-1')]: [3, 3],
    },
  },
  {
    alert: 'NatsSlowConsumers',
    labels: { server_id: 'a' },
    counters: { 'gnatsd_varz_slow_consumers{server_id="a"}': [0, 1] },
  },
  {
    alert: 'RedisDown',
    gauges: { [ready('orchestrator-1', 'redis')]: [1, 0] },
    also: [notReady('orchestrator-1', 'redis')],
  },
  { alert: 'RedisDown', gauges: { [redis('redis_up')]: [1, 0] } },
  {
    alert: 'RedisMemoryHigh',
    labels: { job: 'redis', instance: 'redis-exporter:9121' },
    gauges: { [redis('redis_memory_used_bytes')]: [85, 86], [redis('redis_memory_max_bytes')]: [100, 100] },
  },
  {
    alert: 'RedisAofFailed',
    labels: { job: 'redis', instance: 'redis-exporter:9121' },
    gauges: {
      [redis('redis_aof_enabled')]: [1, 1],
      [redis('redis_aof_last_write_status')]: [1, 0],
      [redis('redis_aof_last_bgrewrite_status')]: [1, 1],
    },
  },
  {
    alert: 'RedisEvicts',
    labels: { job: 'redis', instance: 'redis-exporter:9121' },
    counters: { [redis('redis_evicted_keys_total')]: [0, 1] },
  },
]
