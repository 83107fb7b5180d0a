import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import t from 'tap'
import type { ApiKey, Scope } from '#schemas/api-key.ts'
import { SERVICES } from '#subjects/operations.ts'
import { AlertServiceClient } from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import { TaskServiceClient } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

// Whoever is refused by the metadata of a call stands in the audit log as one who is refused over REST.

const folder = mkdtempSync(join(tmpdir(), 'murmur-admit-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const auditFile = join(folder, 'audit.jsonl')
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const edge = await startService(t, servers, 'services/edge/main.ts', {
  MURMUR_EDGE_AUTH: 'required',
  MURMUR_EDGE_AUDIT_FILE: auditFile,
  MURMUR_EDGE_REQUESTS_PER_CREDENTIAL: '1',
})
const { restPort, grpcPort } = factsOf(edge)
const bus = await openBus(t, servers.natsUrl)
const tasks = new TaskServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
const alerts = new AlertServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
t.teardown(() => {
  tasks.close()
  alerts.close()
})

const createKey = async (scopes: readonly Scope[]) =>
  (await bus.request(SERVICES.createKey, { tenant: 'acme', name: 'test', scopes }, { timeoutMs: 5000 })) as {
    key: ApiKey
    secret: string
  }

function metadataOf(secret: string, requestId: string): Metadata {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${secret}`)
  metadata.set('x-request-id', requestId)
  return metadata
}

const listTasks = (secret: string, requestId: string) =>
  new Promise<ServiceError | undefined>((resolve) =>
    tasks.listTasks({}, metadataOf(secret, requestId), (error) => resolve(error ?? undefined)),
  )
const linesOf = (requestId: string) =>
  readFileSync(auditFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(`"requestId":"${requestId}"`))
    .map((line) => JSON.parse(line) as object)
/** The line of a request: one, and no more. */
async function lineOf(requestId: string): Promise<object | undefined> {
  await until('it is written down', () => linesOf(requestId).length > 0)
  // What comes later stands behind it: then there is no second one on its way.
  await listTasks('mur_mark', `mark-${requestId}`)
  await until('what came later too', () => linesOf(`mark-${requestId}`).length > 0)
  const lines = linesOf(requestId)
  return lines.length === 1 ? lines[0] : undefined
}

t.test('nobody, without the scope, and with too many open: who, what, from where, and why', async (t) => {
  const { secret, key } = await createKey(['alerts:read'])
  t.equal((await listTasks('mur_guess', 'g1'))?.code, status.UNAUTHENTICATED)
  const about = { transport: 'grpc', operation: 'listTasks', address: '127.0.0.1' }
  t.match(await lineOf('g1'), { ...about, subject: 'unknown', code: 'UNAUTHENTICATED' })
  t.equal((await listTasks(secret, 'g2'))?.code, status.PERMISSION_DENIED)
  const who = { tenant: 'acme', subject: `key:${key.id}` }
  t.match(await lineOf('g2'), { ...about, ...who, code: 'PERMISSION_DENIED' })

  const open = alerts.watchAlerts({}, metadataOf(secret, 'open'))
  open.on('error', () => undefined)
  await new Promise((resolve) => open.once('metadata', resolve))
  const watch = alerts.watchAlerts({}, metadataOf(secret, 'g3'))
  const refusal = await new Promise<ServiceError>((resolve) => watch.on('error', resolve))
  t.equal(refusal.code, status.RESOURCE_EXHAUSTED)
  t.match(await lineOf('g3'), { ...about, ...who, operation: 'watchAlerts', code: 'RATE_LIMITED' })
  const { status: code } = await fetch(`http://127.0.0.1:${restPort}/v1/alerts/events`, {
    headers: { authorization: `Bearer ${secret}`, 'x-request-id': 'r3' },
  })
  t.equal(code, 429)
  t.match(await lineOf('r3'), { ...who, transport: 'rest', operation: 'watchAlerts', code: 'RATE_LIMITED' })
  open.cancel()
})

t.test('a change that found no place is written down once, over both transports', async (t) => {
  const { secret, key } = await createKey(['alerts:read', 'tasks:write'])
  const open = alerts.watchAlerts({}, metadataOf(secret, 'open2'))
  open.on('error', () => undefined)
  await new Promise((resolve) => open.once('metadata', resolve))
  const refusal = await new Promise<ServiceError | null>((resolve) =>
    tasks.cancelTask({ taskId: 'tnone' }, metadataOf(secret, 'g4'), resolve),
  )
  t.equal(refusal?.code, status.RESOURCE_EXHAUSTED)
  const about = { operation: 'cancelTask', subject: `key:${key.id}`, code: 'RATE_LIMITED' }
  t.match(await lineOf('g4'), { ...about, transport: 'grpc' })
  const { status: code } = await fetch(`http://127.0.0.1:${restPort}/v1/tasks/tnone/cancel`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${secret}`,
      'x-request-id': 'r4',
      'content-type': 'application/json',
    },
    body: '{}',
  })
  t.equal(code, 429)
  t.match(await lineOf('r4'), { ...about, transport: 'rest' })
  open.cancel()
})
