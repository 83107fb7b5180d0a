import { BytesIEC, OpsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { figure, graph, type Panel } from '../panels.ts'
import { max, min, rate, ratio, selector, sum } from '../promql.ts'

const DAY_S = 86_400

export const SERVERS: readonly Panel[] = [
  graph({
    title: 'Memory of Redis',
    description:
      'What its data takes, and what it may take: at the bound commits fail, because nothing is evicted.',
    unit: BytesIEC,
    width: 6,
    queries: [
      { expr: max('redis_memory_used_bytes', { by: ['instance'] }), legend: '{{instance}} used' },
      { expr: max('redis_memory_max_bytes', { by: ['instance'] }), legend: '{{instance}} bound, 0: none' },
    ],
  }),
  graph({
    title: 'Commands of Redis',
    description: 'A second, and keys that it has evicted: those have to be 0 (maxmemory-policy noeviction).',
    unit: OpsPerSecond,
    width: 6,
    queries: [
      { expr: rate('redis_commands_processed_total', { by: ['instance'] }), legend: '{{instance}} commands' },
      { expr: rate('redis_evicted_keys_total', { by: ['instance'] }), legend: '{{instance}} evicted' },
    ],
  }),
  graph({
    title: 'Messages of NATS',
    description: 'That its servers took and sent a second, and consumers that were too slow for theirs.',
    unit: OpsPerSecond,
    width: 6,
    queries: [
      { expr: rate('gnatsd_varz_in_msgs', { by: ['server_id'] }), legend: '{{server_id}} in' },
      { expr: rate('gnatsd_varz_out_msgs', { by: ['server_id'] }), legend: '{{server_id}} out' },
      { expr: rate('gnatsd_varz_slow_consumers', { by: ['server_id'] }), legend: '{{server_id}} slow' },
    ],
  }),
  graph({
    title: 'Storage of NATS',
    description: 'What streams take of the disk, of what the server may use.',
    unit: PercentUnit,
    width: 6,
    max: 1,
    limits: { warning: 0.7, critical: 0.8 },
    queries: [
      {
        expr: ratio(
          sum('jetstream_server_total_message_bytes', { by: ['server_id'] }),
          sum('jetstream_server_max_storage', { by: ['server_id'] }),
        ),
        legend: '{{server_id}}',
      },
    ],
  }),
  figure({
    title: 'Redis is up',
    description: 'As its exporter sees it, and whether its append-only file could be written: 1 or 0.',
    unit: Short,
    width: 6,
    limits: { critical: 1, below: true },
    queries: [
      { expr: min('redis_up'), legend: 'up' },
      { expr: min('redis_aof_last_write_status'), legend: 'file written' },
    ],
  }),
  figure({
    title: 'Connections of NATS',
    description: 'Of all servers: two for each process of ours, and those of clients.',
    unit: Short,
    width: 6,
    queries: [{ expr: sum('gnatsd_varz_connections'), legend: 'connections' }],
  }),
  figure({
    title: 'Certificates hold for',
    description: 'The one that ends first, of each use. Nothing where there is no TLS.',
    unit: Seconds,
    width: 6,
    limits: { warning: 14 * DAY_S, critical: 2 * DAY_S, below: true },
    queries: [
      {
        expr: `${min('murmur_certificate_expiry_timestamp_seconds', { by: ['use'] })} - time()`,
        legend: '{{use}}',
      },
    ],
  }),
  figure({
    title: 'Age of the last backup',
    description: 'That was made whole: murmur backup --metrics writes it. Nothing: none was made.',
    unit: Seconds,
    width: 6,
    limits: { warning: DAY_S, critical: 2 * DAY_S },
    queries: [{ expr: `time() - max(${selector('murmur_backup_timestamp_seconds')})`, legend: 'age' }],
  }),
]
