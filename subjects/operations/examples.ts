import type { Alert } from '#schemas/alert.ts'
import type { ApiKey } from '#schemas/api-key.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { planExample } from '#schemas/plan.ts'
import { storageLevelExample } from '#schemas/storage.ts'
import type { TaskState } from '#schemas/task.ts'

/** Things that several messages show. */
export const TASK_ID = 'tq3v9xK0aYw5Z1bC7dE2fG4h'

export const TASK: TaskState = {
  v: 1,
  id: TASK_ID,
  tenant: 'default',
  type: 'plan',
  status: 'completed',
  rev: 3,
  seq: 1729,
  priority: 1,
  bodyHash: '',
  createdAtMs: 1_790_000_000_000,
  startAtMs: 1_790_000_000_000,
  deadlineAtMs: 1_790_000_900_000,
  finishedAtMs: 1_790_000_000_020,
  input: { text: 'Sales rose by 4 % in May.' },
  plan: { steps: [{ id: 'count', agent: 'word-count', input: { text: { $from: 'input.text' } } }] },
  steps: { count: { status: 'completed', attempt: 1, output: { words: 7 } } },
  output: { count: { words: 7 } },
}

export const PLAN = planExample

const { plan: _plan, input: _input, ...summary } = TASK
export const TASK_SUMMARY = {
  id: summary.id,
  tenant: summary.tenant,
  type: summary.type,
  status: summary.status,
  createdAtMs: summary.createdAtMs,
  finishedAtMs: summary.finishedAtMs,
  steps: { total: 1, completed: 1, failed: 0 },
}

const { v: _v, id: _id, ...event } = cameraEventExample
export const ALERT: Alert = {
  ...event,
  id: 'a0123456789abcdef',
  severity: event.rule.severity,
  status: 'open',
  raisedAtMs: 1_790_000_001_750,
  latencyMs: 50,
  occurrences: 1,
  lastSeenAtMs: 1_790_000_001_700,
}

export const KEY: ApiKey = {
  id: 'k3j5h7g9f1d2',
  tenant: 'default',
  name: 'nightly reports',
  scopes: ['tasks:read', 'tasks:write'],
  createdAtMs: 1_790_000_000_000,
}

export const HEARTBEAT = {
  type: 'word-count',
  instance: 'word-count-4f1a',
  version: '1.4.0',
  capabilities: ['gpu'],
  capacity: 4,
  inFlight: 1,
  status: 'ready',
  completed: 12,
  failed: 0,
  startedAtMs: 1_790_000_000_000,
}

export const QUEUES = {
  intake: { waiting: 0, inWork: 0 },
  tasks: [{ type: 'plan', active: 3 }],
  steps: [{ agent: 'word-count', priority: 1, waiting: 0, inWork: 3 }],
}

export const STATUS = {
  v: 1,
  atMs: 1_790_000_000_000,
  queues: QUEUES,
  agents: [{ type: 'word-count', instances: 1, capacity: 4, inFlight: 3 }],
  serviceLevels: {
    windowS: 300,
    accepted: 600,
    completed: 590,
    failed: 7,
    cancelled: 0,
    acceptedPerSecond: 2,
    endedPerSecond: 1.99,
    errorRate: 0.0117,
    latencyMs: { p50: 12, p95: 40, p99: 90 },
  },
  storage: [storageLevelExample],
}
