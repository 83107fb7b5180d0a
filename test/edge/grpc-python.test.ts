import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'

const { MURMUR_GRPC_PYTHON: python, MURMUR_GRPC_PYTHONPATH: path } = process.env
const skip = python === undefined && 'no Python with grpcio here'

t.test("Google's own client, by reflection alone", { skip }, async (t) => {
  const servers = await withServers(t)
  await startService(t, servers, 'services/orchestrator/main.ts')
  await startService(t, servers, 'test/cli/fixture-agents.ts')
  const { grpcPort } = factsOf(await startService(t, servers, 'services/edge/main.ts'))
  const { stdout } = await promisify(execFile)(
    python ?? '',
    [join(import.meta.dirname, 'grpc_client.py'), `127.0.0.1:${grpcPort}`],
    { timeout: 60_000, env: { ...process.env, ...(path && { PYTHONPATH: path }) } },
  )
  const seen = JSON.parse(stdout) as {
    services: string[]
    watch: object[]
    deadline: { seconds: number }
  }
  t.strictSame(
    seen.services,
    [
      'AlertService',
      'CameraService',
      'DeadLetterService',
      'ObjectService',
      'RecordingService',
      'ScheduleService',
      'SystemService',
      'TaskService',
      'TemplateService',
    ].map((name) => `murmuration.edge.v1.${name}`),
  )
  t.match(seen.watch[0], { snapshot: { status: /RUNNING|SCHEDULED/ } })
  t.match(seen.watch.at(-1), { snapshot: { status: 'TASK_STATUS_COMPLETED', output: { a: { name: 'ü' } } } })
  t.ok(seen.watch.some((item) => 'event' in item))
  t.match(seen, {
    waited: { task: { status: 'TASK_STATUS_COMPLETED' } },
    refused: { code: 'NOT_FOUND', details: /nope/, names: true },
    deadline: { code: 'DEADLINE_EXCEEDED' },
    cancelled: { accepted: true },
  })
  t.ok(seen.deadline.seconds < 3, 'the deadline of the call is kept')
})
