import t from 'tap'
import { type StorageLevel, storageLevelExample } from '#schemas/storage.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderStatus, renderStatusLine, stepSums } from '../../../services/cli/system/render-status.ts'
import { systemStatus as status } from '../status-fixture.ts'

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

t.test('what is drained is told beside how many instances there are', async (t) => {
  const agents = [{ type: 'ingest', instances: 3, drained: 2, capacity: 4, inFlight: 2 }]
  t.match(renderStatus({ ...status, agents }, { paint: noPaint }).at(-1), / 3, 2 drained +2\/4/)
})

t.test('how full everything is: the fullest, or all that are above a mark', async (t) => {
  const lines = (...storage: StorageLevel[]) =>
    renderStatus({ ...status, storage }, { paint: noPaint }).filter((line) => line.startsWith('storage'))
  const low = { ...storageLevelExample, mark: 0, share: 0.4 }
  t.strictSame(lines(low, { ...low, resource: 'steps', share: 0.1 }), [
    'storage: the fullest is log 40 % of 3.5 GiB',
  ])
  t.match(lines(storageLevelExample, { ...storageLevelExample, resource: 'redis', mark: 2 }, low), [
    /^storage: log 86 % of 3\.5 GiB, new tasks are refused since \d\d:\d\d:\d\d$/,
    /^storage: redis .*half of the rest is used since/,
  ])
  t.strictSame(lines(), [])
})
