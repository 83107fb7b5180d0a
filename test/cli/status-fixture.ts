import type { SystemStatus } from '#schemas/system-status.ts'

/** Two types of agent: one works, of the other nobody is there. */
export const systemStatus: SystemStatus = {
  v: 1,
  atMs: 1000,
  queues: {
    intake: { waiting: 3, inWork: 1 },
    tasks: [
      { type: 'plan', active: 4 },
      { type: 'report', active: 20 },
      { type: 'monitor', active: 0 },
    ],
    steps: [
      { agent: 'ingest', priority: 0, waiting: 1, inWork: 2 },
      { agent: 'ingest', priority: 1, waiting: 10, inWork: 0 },
      { agent: 'gone', priority: 1, waiting: 5, inWork: 0 },
    ],
  },
  agents: [{ type: 'ingest', instances: 2, capacity: 4, inFlight: 2 }],
  serviceLevels: {
    windowS: 60,
    accepted: 600,
    completed: 590,
    failed: 12,
    cancelled: 0,
    acceptedPerSecond: 10,
    endedPerSecond: 9.87,
    errorRate: 0.02,
    latencyMs: { p50: 3, p95: 7.4, p99: 1200 },
  },
}
