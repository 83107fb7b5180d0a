import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { METRICS, type MetricPart, type MetricSpec } from '../../services/platform/telemetry/metric-names.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { writeCellModel } from '../support/onnx-file.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'

// What Prometheus gets of each kind of process, as it runs.

const servers = await withServers(t)
const model = writeCellModel(t)
const manifest = { name: 'model', head: 'yolox-raw', classes: ['person', 'car'], scoreThreshold: 0.4 }
writeFileSync(join(dirname(model), 'model.json'), JSON.stringify(manifest))

/** Each with whose metrics it shows. */
const PROCESSES: Record<string, { parts: MetricPart[]; env?: Record<string, string> }> = {
  'services/orchestrator/main.ts': { parts: ['orchestrator'] },
  'services/edge/main.ts': { parts: ['edge'] },
  'services/agents/report/ingest/main.ts': { parts: ['agent'] },
  'services/agents/report-agents.ts': { parts: ['agent'] },
  'services/agents/api-caller/main.ts': { parts: ['agent', 'api-caller'] },
  'services/agents/video-agents.ts': { parts: ['agent', 'capture', 'tracking', 'alerting'] },
  'services/agents/video/detection/main.ts': { parts: ['detection'], env: { MURMUR_MODEL: model } },
}
const started = await Promise.all(
  Object.entries(PROCESSES).map(async ([file, { env }]) => {
    const child = await startService(t, servers, file, { MURMUR_LOG_LEVEL: 'silent', ...env })
    return [file, child] as const
  }),
)
const bus = await openBus(t, servers.natsUrl)

async function expositionOf(file: string, accept = 'text/plain'): Promise<string> {
  const child = started.find(([name]) => name === file)![1]
  const response = await fetch(`http://127.0.0.1:${factsOf(child).httpPort}/metrics`, { headers: { accept } })
  return response.text()
}

/** One call that is refused before anything is sent, and one that fails as nobody listens there: series with labels come to be. */
t.before(async () => {
  const steps = [{ id: 'call', agent: 'api-caller', input: { url: 'https://127.0.0.1:9/', attempts: 1 } }]
  const receipt = (await bus.request(
    SERVICES.submitTask,
    { type: 'plan', input: {}, plan: { steps } },
    { timeoutMs: 20_000 },
  )) as { taskId: string }
  const task = await endOfTask(bus, receipt.taskId)
  if (task.status !== 'failed') throw new Error(`the task was to fail, and is ${task.status}`)
})

const promtool = spawnSync('promtool', ['--version']).status === 0
for (const [file] of started)
  t.test(
    `promtool has nothing to say about ${file}`,
    { skip: promtool ? false : 'no promtool here' },
    async (t) => {
      const input = await expositionOf(file)
      const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
        input,
        encoding: 'utf8',
      })
      const said = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
      // It has the name that users were promised; promtool would have it in seconds.
      const found = said.filter((line) => !line.startsWith('task_execution_time_ms'))
      t.strictSame(found, [])
      t.ok(status === 0 || said.length > found.length, `ended with ${status}`)
    },
  )

for (const [file] of started)
  t.test(
    `${file} shows its own families and those of the process, and no gauge is named a total`,
    async (t) => {
      const types = new Map(
        [...(await expositionOf(file)).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [
          name!,
          type!,
        ]),
      )
      const parts: readonly MetricPart[] = ['process', ...PROCESSES[file]!.parts]
      const own = (Object.entries(METRICS) as [string, MetricSpec][])
        .filter(([, spec]) => spec.in.some((part) => parts.includes(part)))
        .map(([name]) => name)
      t.strictSame(
        own.filter((name) => !types.has(name)),
        [],
        'all of its own are there',
      )
      t.ok(types.has('process_resident_memory_bytes'))
      t.strictSame(
        [...types].filter(([name, type]) => name.endsWith('_total') !== (type === 'counter')),
        [],
      )
      t.match(await expositionOf(file, 'application/openmetrics-text'), /\n# EOF\n$/)
    },
  )
