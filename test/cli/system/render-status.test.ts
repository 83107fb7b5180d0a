import t from 'tap'
import type { SystemStatus } from '#schemas/system-status.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderStatus, renderStatusLine, stepSums } from '../../../services/cli/system/render-status.ts'

const status: SystemStatus = {
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

t.test('the system is told by level, task and agent', async (t) => {
  t.strictSame(renderStatus(status, { paint: noPaint }), [
    'accepted 10/s  ended 9.9/s  errors 2.0 %  p50 3 ms  p95 7 ms  p99 1.20 s  last 1 min 00 s',
    '24 active tasks (report 20, plan 4)  intake 3 waiting, 1 in work',
    '',
    '  agent   waiting  in work  instances  busy',
    '  gone          5        0          0        nobody works on these',
    '  ingest       11        2          2   2/4  █████░░░░░',
  ])
  t.strictSame(stepSums(status), { waiting: 16, inWork: 2 })
  t.match(renderStatusLine(status, noPaint), /24 active · steps 16 waiting, 2 in work$/)
  const { latencyMs: _none, ...levels } = status.serviceLevels
  const idle = {
    ...status,
    agents: [],
    queues: { ...status.queues, steps: [] },
    serviceLevels: { ...levels, errorRate: 0 },
  }
  t.match(renderStatus(idle, { paint: noPaint }).join('\n'), /errors 0 % {2}last[\s\S]*No agents\.$/)
})
