import t from 'tap'
import { artifactExample } from '#schemas/artifact.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import { momentOf, timeOption } from '../../services/cli/commands/arguments.ts'
import { fileNames } from '../../services/cli/commands/artifacts.ts'
import { noPaint } from '../../services/cli/output/paint.ts'
import { sparkline } from '../../services/cli/output/quantities.ts'
import { renderStatus, renderStatusLine, stepSums } from '../../services/cli/system/render-status.ts'
import { TransferProgress } from '../../services/cli/transfer/transfer-progress.ts'

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

t.test('numbers become bars', async (t) => {
  t.equal(sparkline([0, 1, 2, 4, 8], 10), '▁▂▃▅█')
  t.equal(sparkline([9, 0, 8], 2), '▁█', 'the last ones count')
  t.equal(sparkline([0, 0], 5), '▁▁')
  t.equal(sparkline([], 5), '')
})

t.test('moments are ago or on a date', async (t) => {
  t.equal(momentOf(timeOption('2h'), 10_000_000), 2_800_000)
  t.equal(momentOf(timeOption('7d'), 1000), 0, 'not before time began')
  t.equal(momentOf(timeOption('2026-11-20T10:00:00Z'), 0), Date.UTC(2026, 10, 20, 10))
  for (const wrong of ['', '2', 'yesterday', '0h', '2026-13-40', '1e3s', '-2h'])
    t.throws(() => timeOption(wrong), wrong)
})

t.test('a transfer tells how far it is', async (t) => {
  let nowMs = 0
  const progress = new TransferProgress('uploading', 'a.csv', 4096, { monotonicMs: () => nowMs })
  t.equal(progress.text(), 'uploading a.csv ░░░░░░░░░░   0 %  0 B of 4.0 KiB')
  const pieces = progress.through(
    (async function* () {
      yield new Uint8Array(1024)
      yield new Uint8Array(1024)
    })(),
  )
  for await (const _piece of pieces) nowMs += 500
  t.equal(progress.text(), 'uploading a.csv █████░░░░░  50 %  2.0 KiB of 4.0 KiB, 2.0 KiB/s')
})

t.test('files of a task have names of their own, safe in any folder', async (t) => {
  const names = [
    'report.html',
    '../../etc/report.html',
    'Report.HTML',
    '.bashrc',
    '..',
    'a\\b\u001b[2J.csv',
    'again',
  ]
  const made = names.map((name, i) => ({
    ...artifactExample,
    name,
    blob: name === 'again' ? 'tasks/0' : `tasks/${i}`,
  }))
  t.strictSame(fileNames(made), [
    'report.html',
    'report-2.html',
    'Report-3.HTML',
    'bashrc',
    'object',
    'b.csv',
    'report.html',
  ])
})
