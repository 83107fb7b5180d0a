import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChannelCredentials, type Client, loadPackageDefinition, Metadata, status } from '@grpc/grpc-js'
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader'
import { protoPath } from 'grpc-health-check'
import t from 'tap'
import { TaskServiceClient } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { ROOT } from '../../support/source-files.ts'
import { tagged } from '../protobuf-bytes.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const edge = await startService(t, servers, 'services/edge/main.ts')
const address = `127.0.0.1:${factsOf(edge).grpcPort}`

t.test('health: check and watch', async (t) => {
  const { grpc } = loadPackageDefinition(loadHealth()) as unknown as {
    grpc: {
      health: { v1: { Health: new (address: string, credentials: ChannelCredentials) => HealthClient } }
    }
  }
  const health = new grpc.health.v1.Health(address, ChannelCredentials.createInsecure())
  t.teardown(() => health.close())
  for (const service of ['', 'murmuration.edge.v1.TaskService']) {
    const answer = await new Promise((resolve, reject) =>
      health.check({ service }, (error, answer) => (error ? reject(error) : resolve(answer))),
    )
    t.match(answer, { status: 'SERVING' }, service || 'all of it')
  }
  const watch = health.watch({ service: '' })
  watch.on('error', () => undefined)
  t.match(await new Promise((resolve) => watch.once('data', resolve)), { status: 'SERVING' })
  watch.cancel()
})

interface HealthClient extends Client {
  check(request: { service: string }, callback: (error: Error | null, answer: object) => void): void
  watch(request: { service: string }): ReturnType<TaskServiceClient['watchTask']>
}

function loadHealth() {
  return loadSync(protoPath, { enums: String, keepCase: true })
}

t.test('reflection: a client that knows nothing finds the services and calls one', async (t) => {
  const listed = await reflect({ list_services: '' })
  const names = listed.list_services_response.service.map(({ name }) => name)
  t.match(names.toSorted(), [
    'murmuration.edge.v1.AlertService',
    'murmuration.edge.v1.CameraService',
    'murmuration.edge.v1.DeadLetterService',
    'murmuration.edge.v1.ObjectService',
    'murmuration.edge.v1.RecordingService',
    'murmuration.edge.v1.ScheduleService',
    'murmuration.edge.v1.SystemService',
    'murmuration.edge.v1.TaskService',
  ])
  const found = await reflect({ file_containing_symbol: 'murmuration.edge.v1.SystemService' })
  const files = found.file_descriptor_response.file_descriptor_proto
  const set = Buffer.concat(files.map((file) => tagged(0x0a, file)))
  const loaded = loadPackageDefinition(loadFileDescriptorSetFromBuffer(set)) as never as {
    murmuration: {
      edge: {
        v1: {
          SystemService: new (
            address: string,
            credentials: ChannelCredentials,
          ) => Client & Record<string, (...args: unknown[]) => void>
        }
      }
    }
  }
  const system = new loaded.murmuration.edge.v1.SystemService(address, ChannelCredentials.createInsecure())
  t.teardown(() => system.close())
  const answer = await new Promise<{ agents: object[] }>((resolve, reject) => {
    system.listAgents!({}, (error: Error | null, answer: { agents: object[] }) =>
      error ? reject(error) : resolve(answer),
    )
  })
  t.ok(answer.agents.length >= 3)
})

t.test('reflection: a strict client calls what it has never seen', async (t) => {
  const call = (method: string, request: object) => {
    const { status, stdout, stderr } = spawnSync(
      join(ROOT, 'node_modules/.bin/buf'),
      [
        'curl',
        '--reflect',
        '--protocol',
        'grpc',
        '--http2-prior-knowledge',
        '-d',
        JSON.stringify(request),
        `http://${address}/murmuration.edge.v1.${method}`,
      ],
      { encoding: 'utf8', cwd: t.testdir() },
    )
    return { status, said: stdout || stderr }
  }
  const submission = {
    type: 'plan',
    plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'a', x: [1, { y: null }] } }] },
  }
  const done = call('TaskService/SubmitTask', { submission, wait_ms: 20_000 })
  t.equal(done.status, 0, done.said)
  t.match(JSON.parse(done.said), {
    task: { status: 'TASK_STATUS_COMPLETED', output: { a: { payload: 'a' } } },
  })
  const refused = call('TaskService/GetTask', { task_id: 'nope' })
  t.not(refused.status, 0)
  t.match(JSON.parse(refused.said), { code: 'not_found', details: [{ type: 'google.rpc.ErrorInfo' }] })
  t.match(JSON.parse(call('SystemService/GetStatus', {}).said), { serviceLevels: Object })
  const unknown = await reflect({ file_containing_symbol: 'no.such.Thing' })
  t.match(unknown, { error_response: { error_code: 5 } })
  const method = await reflect({ file_containing_symbol: 'murmuration.edge.v1.TaskService.GetTask' })
  t.ok(method.file_descriptor_response.file_descriptor_proto.length > 1, 'with what it depends on')
})

interface Reflected {
  list_services_response: { service: { name: string }[] }
  file_descriptor_response: { file_descriptor_proto: Buffer[] }
}

const REFLECTION = join(
  import.meta.dirname,
  '../../../node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
)

async function reflect(request: object): Promise<Reflected> {
  const { grpc } = loadPackageDefinition(loadSync(REFLECTION, { keepCase: true })) as never as {
    grpc: {
      reflection: {
        v1: {
          ServerReflection: new (
            address: string,
            credentials: ChannelCredentials,
          ) => Client & { ServerReflectionInfo(): ReturnType<Client['makeBidiStreamRequest']> }
        }
      }
    }
  }
  const client = new grpc.reflection.v1.ServerReflection(address, ChannelCredentials.createInsecure())
  const stream = client.ServerReflectionInfo()
  const answer = new Promise<Reflected>((resolve, reject) =>
    stream.once('data', resolve).once('error', reject),
  )
  stream.write(request)
  const said = await answer
  stream.end()
  client.close()
  return said
}

t.test('TLS, and certificates of clients', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=ca',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  )
  for (const name of ['server', 'client']) {
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    )
    writeFileSync(file(`${name}.ext`), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    )
  }
  const secure = await startService(t, servers, 'services/edge/main.ts', {
    MURMUR_EDGE_TLS_CERT: file('server.crt'),
    MURMUR_EDGE_TLS_KEY: file('server.key'),
    MURMUR_EDGE_TLS_CLIENT_CA: file('ca.crt'),
  })
  const { grpcPort, restPort } = factsOf(secure)
  const read = (name: string) => readFileSync(file(name))
  const ask = (credentials: ChannelCredentials) => {
    const client = new TaskServiceClient(`127.0.0.1:${grpcPort}`, credentials)
    return new Promise<string>((resolve) =>
      client.listTasks({ limit: 1 }, new Metadata(), { deadline: Date.now() + 4000 }, (error) => {
        client.close()
        resolve(error ? status[error.code]! : 'OK')
      }),
    )
  }
  t.equal(
    await ask(ChannelCredentials.createSsl(read('ca.crt'), read('client.key'), read('client.crt'))),
    'OK',
  )
  t.not(await ask(ChannelCredentials.createSsl(read('ca.crt'))), 'OK', 'without a certificate')
  t.not(await ask(ChannelCredentials.createInsecure()), 'OK', 'plainly')
  const curl = (...args: string[]) => {
    try {
      return execFileSync(
        'curl',
        ['-s', '--cacert', 'ca.crt', ...args, `https://127.0.0.1:${restPort}/v1/agents`],
        { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      )
    } catch {
      return 'refused'
    }
  }
  t.match(curl('--cert', 'client.crt', '--key', 'client.key'), /"agents"/)
  t.equal(curl(), 'refused')
})
