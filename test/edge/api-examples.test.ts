import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { type CameraEvent, cameraEventExample } from '#schemas/camera-event.ts'
import { CLIENT_SERVICES, REST_ROUTES, SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { AlertServiceService } from '../../services/edge/grpc/generated/v1/alert_service.ts'
import { CameraServiceService } from '../../services/edge/grpc/generated/v1/camera_service.ts'
import { DeadLetterServiceService } from '../../services/edge/grpc/generated/v1/dead_letter_service.ts'
import { ObjectServiceService } from '../../services/edge/grpc/generated/v1/object_service.ts'
import { RecordingServiceService } from '../../services/edge/grpc/generated/v1/recording_service.ts'
import { ScheduleServiceService } from '../../services/edge/grpc/generated/v1/schedule_service.ts'
import { SystemServiceService } from '../../services/edge/grpc/generated/v1/system_service.ts'
import { TaskServiceService } from '../../services/edge/grpc/generated/v1/task_service.ts'
import { TemplateServiceService } from '../../services/edge/grpc/generated/v1/template_service.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { ROOT } from '../support/source-files.ts'
import { differences, type Example, missingLines, readExamples } from './examples/read-examples.ts'

const execute = promisify(execFile)
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await Promise.all([
  startService(t, servers, 'services/agents/report/ingest/main.ts'),
  startService(t, servers, 'services/agents/report-agents.ts'),
  startService(t, servers, 'services/agents/video-agents.ts'),
])
const { restPort, grpcPort } = factsOf(await startService(t, servers, 'services/edge/main.ts'))
const url = `http://127.0.0.1:${restPort}`

/** Something has to happen before there is an alert to ask for. */
async function raiseAlert(): Promise<void> {
  const bus = await openBus(t, servers.natsUrl)
  const event: CameraEvent = { ...cameraEventExample, id: 'example' }
  await bus.publisher.publish(SUBJECTS.cameraEvents(event.tenant, event.camera), JSON.stringify(event), {
    msgId: event.id,
    giveUpAfterMs: 5000,
  })
}

/** A folder with the commands that the document uses: those of this machine, else ours. */
function toolsFolder(): string {
  const folder = t.testdir()
  const add = (name: string) =>
    writeFileSync(
      join(folder, name),
      `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'examples', `${name}.ts`)}" "$@"\n`,
      { mode: 0o755 },
    )
  if (spawnSync('curl', ['--version']).error) add('curl')
  add('nats')
  const murmur = join(ROOT, 'services/cli/main.ts')
  writeFileSync(join(folder, 'murmur'), `#!/bin/sh\nexec "${process.execPath}" "${murmur}" "$@"\n`, {
    mode: 0o755,
  })
  copyFileSync(join(import.meta.dirname, 'examples/grpcurl.sh'), join(folder, 'grpcurl'))
  chmodSync(join(folder, 'grpcurl'), 0o755)
  return folder
}

const tools = toolsFolder()
/** What a reader takes from one answer into the next command. */
const taken: Record<string, string> = {}

function take(answer: unknown): void {
  const { taskId, object, alerts } = (answer ?? {}) as {
    taskId?: string
    object?: { blob: string }
    alerts?: { id: string }[]
  }
  if (taskId !== undefined) taken.ID = taskId
  if (object) taken.BLOB = object.blob
  if (alerts?.[0]) taken.ALERT = alerts[0].id
}

async function run({ command }: Example): Promise<string> {
  const env = {
    ...process.env,
    PATH: `${tools}:${process.env.PATH}`,
    EDGE: url,
    GRPC: `127.0.0.1:${grpcPort}`,
    NATS_URL: servers.natsUrl,
    MURMUR_NATS_URL: servers.natsUrl,
    BUF: join(ROOT, 'node_modules/.bin/buf'),
    ...taken,
  }
  const { stdout } = await execute('bash', ['-euc', command], { env, timeout: 60_000, cwd: tools })
  return stdout
}

/** A monitor can be stopped once its capture is at work: what is not there yet is asked for again. */
async function runPatiently(example: Example): Promise<string> {
  const untilMs = performance.now() + 20_000
  for (;;) {
    const said = await run(example)
    if (!said.includes('"code":"TASK_STATE_CONFLICT"') || performance.now() > untilMs) return said
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

t.test('every example of docs/API.md does what stands below it', async (t) => {
  await raiseAlert()
  await checkExamples(t, 'docs/API.md', 25)
})

t.test('every example of docs/schedules.md does, too', (t) => checkExamples(t, 'docs/schedules.md', 10))

async function checkExamples(t: Test, page: string, count: number): Promise<void> {
  const examples = readExamples(readFileSync(join(ROOT, page), 'utf8'))
  t.ok(examples.length > count, `${examples.length} examples`)
  for (const example of examples) {
    const name = `line ${example.line}: ${example.command.split('\n')[0]}`
    const said = await runPatiently(example).catch((error: Error) => error.message)
    const { answer } = example
    const value = parsed(said)
    take(value)
    if (answer?.kind === 'json')
      t.strictSame(differences(answer.value, value), [], `${name}\n${said.slice(0, 2000)}`)
    else if (answer)
      t.strictSame(missingLines(answer.lines, said.split('\n')), [], `${name}\n${said.slice(0, 2000)}`)
    else t.fail(`${name}: the document does not say what comes of it`)
  }
}

t.test('the comparison finds what is wrong', async (t) => {
  const told = { id: 'a…', n: 1, list: [{ ok: true }] }
  t.strictSame(differences(told, { id: 'abc', n: 7, list: [{ ok: true }], more: 1 }), [])
  t.strictSame(differences(told, { id: 'x', n: '1', list: [{ ok: false }] }), [
    '/id: "x"',
    '/n: "1"',
    '/list/0/ok: false',
  ])
  t.strictSame(differences(told, undefined), [': nothing'])
  t.strictSame(differences({ list: [{}] }, { list: [] }), ['/list/0: nothing'])
  t.strictSame(missingLines(['a', 'c…'], ['a', 'b', 'cd']), [])
  t.strictSame(missingLines(['b', 'a'], ['a', 'b']), ['a'])
})

t.test('docs/API.md names every route, every method and every service', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/API.md'), 'utf8')
  for (const { method, path } of REST_ROUTES) {
    const isThere = page.includes(`\`${method} ${path}\``) || page.includes(`\`${method} ${path}?`)
    t.ok(isThere || (path.endsWith('/resolve') && page.includes('`…/resolve`')), `${method} ${path}`)
  }
  for (const service of [
    TaskServiceService,
    AlertServiceService,
    CameraServiceService,
    RecordingServiceService,
    ObjectServiceService,
    SystemServiceService,
    DeadLetterServiceService,
    TemplateServiceService,
    ScheduleServiceService,
  ])
    for (const { path } of Object.values(service)) t.match(page, `\`${path.split('/').at(-1)}\``, path)
  for (const subject of Object.values(SERVICES)) {
    if (!CLIENT_SERVICES.includes(subject)) continue
    const verb = subject.split('.').at(-1)!
    const noun = subject.slice(0, -verb.length)
    t.ok(
      page.includes(`\`${subject}\``) || (page.includes(`\`${noun}`) && page.includes(`\`${verb}\``)),
      subject,
    )
  }
})
