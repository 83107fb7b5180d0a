import { IO_BUCKETS_S, type MetricSpec } from './metric-spec.ts'

/** Of what clients ask. */
export const EDGE_METRICS = {
  murmur_edge_refused_total: {
    type: 'counter',
    help: 'Requests that the edge did not let in, by the code of the refusal.',
    unit: 'requests',
    labels: ['code'],
    known: { code: ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'RATE_LIMITED'] },
    in: ['edge'],
  },
  murmur_edge_requests_total: {
    type: 'counter',
    help: 'Requests of clients that were answered, by transport (rest, grpc), operation and outcome: OK or the code of the problem.',
    unit: 'requests',
    labels: ['transport', 'operation', 'code'],
    in: ['edge'],
  },
  murmur_edge_outcomes_total: {
    type: 'counter',
    help: 'Requests of clients that were answered, by whose fault it was if not as they wished: ok, caller, fault (ours: counts against availability).',
    unit: 'requests',
    labels: ['outcome'],
    known: { outcome: ['ok', 'caller', 'fault'] },
    in: ['edge'],
  },
  murmur_edge_request_duration_seconds: {
    type: 'histogram',
    help: 'From the head of a request to the end of its answer; without those that stay open or wait for the end of a task.',
    unit: 'seconds',
    labels: ['transport', 'operation'],
    buckets: IO_BUCKETS_S,
    bounds: '1 ms to 0.2 s; the level is 0.5 s',
    in: ['edge'],
  },
  murmur_edge_streams: {
    type: 'gauge',
    help: 'Requests that stay open, now: watches and followed tasks.',
    unit: 'requests',
    labels: ['transport'],
    known: { transport: ['rest', 'grpc'] },
    in: ['edge'],
  },
  murmur_edge_held: {
    type: 'gauge',
    help: 'Calls that wait at the edge, now, because nobody can answer them: a partition has no owner, or no orchestrator runs.',
    unit: 'calls',
    labels: [],
    in: ['edge'],
  },
  murmur_edge_held_total: {
    type: 'counter',
    help: 'Calls that waited at the edge because nobody could answer them, by how that ended: answered, given_up (after 10 s), no_place (not held, too many waited).',
    unit: 'calls',
    labels: ['outcome'],
    known: { outcome: ['answered', 'given_up', 'no_place'] },
    in: ['edge'],
  },
} as const satisfies Record<string, MetricSpec>
