import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChannelCredentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import t from 'tap'
import { EDGE_OPERATION_NAMES, edgeOperation } from '#subjects/operations.ts'
import { RequestInfo, Status } from '../../../services/edge/grpc/generated/google/rpc/error_details.ts'
import { AlertServiceClient } from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import { ObjectServiceClient } from '../../../services/edge/grpc/generated/v1/object_service.ts'
import { TaskServiceClient } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

// Whoever looks into the audit log finds what was changed, through whichever transport, under the id that the client has seen.

const folder = mkdtempSync(join(tmpdir(), 'murmur-audit-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const auditFile = join(folder, 'audit.jsonl')
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
await startService(t, servers, 'services/agents/video-agents.ts')
const edge = await startService(t, servers, 'services/edge/main.ts', { MURMUR_EDGE_AUDIT_FILE: auditFile })
const { restPort, grpcPort } = factsOf(edge)

interface AuditLine {
  operation: string
  transport: string
  target?: string
  code: string
  requestId: string
}
const lines = (transport: string): AuditLine[] =>
  readFileSync(auditFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): AuditLine => JSON.parse(line))
    .filter((line) => line.transport === transport)
/** What differs between two runs replaced. */
const plain = ({ operation, target, code, requestId }: AuditLine) => ({
  operation,
  target: target?.replace(/^t[\w-]{22}$/, 'TASK').replace(/^uploads\/[0-9a-f-]{36}$/, 'OBJECT'),
  code,
  requestId,
})
const EXPECTED = [
  { operation: 'submitTask', target: 'TASK', code: 'OK', requestId: 'r1' },
  { operation: 'cancelTask', target: 'TASK', code: 'OK', requestId: 'r2' },
  { operation: 'cancelTask', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'r3' },
  { operation: 'stopMonitor', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'r4' },
  { operation: 'changeAlert', target: 'anone', code: 'ALERT_NOT_FOUND', requestId: 'r5' },
  { operation: 'changeAlert', target: 'anone', code: 'ALERT_NOT_FOUND', requestId: 'r6' },
  { operation: 'putObject', target: 'OBJECT', code: 'OK', requestId: 'r7' },
  { operation: 'submitTask', target: undefined, code: 'UNKNOWN_TASK_TYPE', requestId: 'r8' },
  { operation: 'pauseTask', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'c1' },
  { operation: 'resumeTask', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'c2' },
  { operation: 'signalTask', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'c3' },
  { operation: 'answerApproval', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'c4' },
  { operation: 'retryTask', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'c5' },
  { operation: 'changeTasks', target: '["tnone"]', code: 'OK', requestId: 'c6' },
  { operation: 'handOnApproval', target: 'tnone', code: 'TASK_NOT_FOUND', requestId: 'c7' },
]
const MANY = { action: 'pause', taskIds: ['tnone'] }
const later = { type: 'plan', delayMs: 3_600_000, plan: { steps: [{ id: 'a', agent: 'noop-a' }] } }

t.test('REST: each change with its target and the id of the request; nothing that only reads', async (t) => {
  const post = async (requestId: string, path: string, body: object | string = {}) => {
    const response = await fetch(`http://127.0.0.1:${restPort}${path}`, {
      method: 'POST',
      headers: {
        'x-request-id': requestId,
        'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return (await response.json()) as { taskId: string }
  }
  const { taskId } = await post('r1', '/v1/tasks', later)
  await post('r2', `/v1/tasks/${taskId}/cancel`)
  await post('r3', '/v1/tasks/tnone/cancel')
  await post('r4', '/v1/monitors/tnone/stop')
  await post('r5', '/v1/alerts/anone/acknowledge')
  await post('r6', '/v1/alerts/anone/resolve')
  await post('r7', '/v1/objects', 'bytes')
  await post('r8', '/v1/tasks', { type: 'nonsense' })
  await post('c1', '/v1/tasks/tnone/pause')
  await post('c2', '/v1/tasks/tnone/resume')
  await post('c3', '/v1/tasks/tnone/signals', { name: 'go' })
  await post('c4', '/v1/tasks/tnone/approvals/a', { decision: 'approved' })
  await post('c5', '/v1/tasks/tnone/retry', { requestId: 'r' })
  await post('c6', '/v1/tasks/change-many', MANY)
  await post('c7', '/v1/tasks/tnone/approvals/a/hand-on', { to: ['board'] })
  await fetch(`http://127.0.0.1:${restPort}/v1/approvals`)
  await post('r9', '/v1/plans', later)
  await post('r10', '/v1/monitors', { camera: 'yard' })
  await post('r11', '/v1/dead-letters/replay', { requestId: 'again', seqs: [999] })
  await post('r12', '/v1/dead-letters/purge', { seqs: [999] })
  await post('r13', '/v1/templates', { name: 'audited', plan: later.plan })
  await post('r14', '/v1/templates/audited/delete', { version: 7 })
  await post('r15', '/v1/schedules', { name: 'nightly', cron: 'never' })
  await post('r16', '/v1/schedules/nightly/pause')
  await post('r17', '/v1/schedules/nightly/resume')
  await post('r18', '/v1/schedules/nightly/trigger')
  await post('r19', '/v1/schedules/nightly/delete')
  await post('r20', '/v1/schedules/preview', { cron: '@daily' })
  await fetch(`http://127.0.0.1:${restPort}/v1/objects/uploads/none`, {
    method: 'DELETE',
    headers: { 'x-request-id': 'r23' },
  })
  await post('r21', '/v1/agent-policies/noop-a', { unset: ['weights'] })
  await post('r25', '/v1/agents/noop-a/instances/nobody/drain', { drain: true })
  await post('r22', '/v1/task-types/report/pause', { paused: false })
  await post('r24', '/v1/partitions/grow', { to: 64, dryRun: true })
  await post('a1', '/v1/alerts/acknowledge', { ids: ['anone'] })
  await post('a2', '/v1/reviews/mark', { ids: ['rnone'] })
  await post('a3', '/v1/snoozes', { camera: 'attic', forMs: 60_000 })
  await post('a4', '/v1/snoozes/snone/end')
  await post('a5', '/v1/alerts/anone/clip/link')
  await post('a6', '/v1/alerts/anone/not-this')
  await fetch(`http://127.0.0.1:${restPort}/v1/false-positives/fnone`, {
    method: 'DELETE',
    headers: { 'x-request-id': 'a7' },
  })
  await post('a8', '/v1/bookmarks', { camera: 'cellar', atMs: 1_700_000_000_000 })
  await fetch(`http://127.0.0.1:${restPort}/v1/bookmarks/bnone`, {
    method: 'DELETE',
    headers: { 'x-request-id': 'a9' },
  })
  await fetch(`http://127.0.0.1:${restPort}/v1/tasks/${taskId}`)
  // REST alone has a shorthand for monitors; dead letters, templates and schedules are asked about here only.
  const started = {
    operation: 'startMonitor',
    target: undefined,
    code: 'INVALID_SUBMISSION',
    requestId: 'r10',
  }
  const deadLetters = [
    { operation: 'replayDeadLetters', target: '[999]', code: 'OK', requestId: 'r11' },
    { operation: 'purgeDeadLetters', target: '[999]', code: 'OK', requestId: 'r12' },
  ]
  const templates = [
    { operation: 'putTemplate', target: 'audited@1', code: 'OK', requestId: 'r13' },
    { operation: 'deleteTemplate', target: 'audited', code: 'TEMPLATE_NOT_FOUND', requestId: 'r14' },
  ]
  const about = { target: 'nightly', code: 'SCHEDULE_NOT_FOUND' }
  const schedules = [
    { operation: 'putSchedule', target: 'nightly', code: 'INVALID_REQUEST', requestId: 'r15' },
    { operation: 'pauseSchedule', ...about, requestId: 'r16' },
    { operation: 'resumeSchedule', ...about, requestId: 'r17' },
    { operation: 'triggerSchedule', ...about, requestId: 'r18' },
    { operation: 'deleteSchedule', ...about, requestId: 'r19' },
  ]
  const policies = [
    { operation: 'setAgentPolicy', target: 'noop-a', code: 'OK', requestId: 'r21' },
    {
      ...{ operation: 'setInstanceDrain', target: 'noop-a/nobody' },
      ...{ code: 'INSTANCE_NOT_FOUND', requestId: 'r25' },
    },
    { operation: 'setTaskTypePause', target: 'report', code: 'OK', requestId: 'r22' },
    { operation: 'growPartitions', target: '64', code: 'OK', requestId: 'r24' },
  ]
  const objects = [{ operation: 'deleteObject', target: 'uploads/none', code: 'OK', requestId: 'r23' }]
  const alertCare = [
    { operation: 'changeAlerts', target: '["anone"]', code: 'OK', requestId: 'a1' },
    { operation: 'markReviews', target: '["rnone"]', code: 'OK', requestId: 'a2' },
    { operation: 'addSnooze', target: '{"camera":"attic"}', code: 'OK', requestId: 'a3' },
    { operation: 'endSnooze', target: 'snone', code: 'SNOOZE_NOT_FOUND', requestId: 'a4' },
    { operation: 'linkAlertClip', target: 'anone', code: 'INVALID_REQUEST', requestId: 'a5' },
    { operation: 'markFalsePositive', target: 'anone', code: 'ALERT_NOT_FOUND', requestId: 'a6' },
    { operation: 'removeFalsePositive', target: 'fnone', code: 'FALSE_POSITIVE_NOT_FOUND', requestId: 'a7' },
    { operation: 'addBookmark', target: 'cellar', code: 'OK', requestId: 'a8' },
    { operation: 'removeBookmark', target: 'bnone', code: 'BOOKMARK_NOT_FOUND', requestId: 'a9' },
  ]
  const expected = [
    ...[...EXPECTED, started, ...deadLetters, ...templates],
    ...[...schedules, ...objects, ...policies, ...alertCare],
  ]
  await until('all lines', () => lines('rest').length >= expected.length)
  t.strictSame(lines('rest').map(plain), expected)
  t.equal(lines('rest')[1]?.target, taskId)
})

t.test(
  'gRPC: the same lines; the id is in the answer’s metadata, and in the details of an error',
  async (t) => {
    const address = `127.0.0.1:${grpcPort}`
    const credentials = ChannelCredentials.createInsecure()
    const tasks = new TaskServiceClient(address, credentials)
    const alerts = new AlertServiceClient(address, credentials)
    const objects = new ObjectServiceClient(address, credentials)
    t.teardown(() => {
      for (const client of [tasks, alerts, objects]) client.close()
    })
    const under = (requestId: string) => {
      const metadata = new Metadata()
      metadata.set('x-request-id', requestId)
      return metadata
    }
    /** What came back; the id that was said with it has to be ours. */
    const call = <Answer>(
      requestId: string,
      send: (
        metadata: Metadata,
        callback: (error: ServiceError | null, answer: Answer) => void,
      ) => { on(event: 'metadata', listener: (metadata: Metadata) => void): unknown },
    ) =>
      new Promise<Answer | ServiceError>((resolve) => {
        let said: unknown
        send(under(requestId), (error, answer) => {
          t.equal(said, requestId, requestId)
          if (error) t.equal(requestIdIn(error), requestId)
          resolve(error ?? answer)
        }).on('metadata', (metadata) => {
          said = metadata.get('x-request-id')[0]
        })
      })
    const made = await call<{ taskId?: string | undefined }>('r1', (metadata, done) =>
      tasks.submitTask({ submission: later }, metadata, done),
    )
    const { taskId } = made as { taskId: string }
    await call('r2', (metadata, done) => tasks.cancelTask({ taskId }, metadata, done))
    await call('r3', (metadata, done) => tasks.cancelTask({ taskId: 'tnone' }, metadata, done))
    await call('r4', (metadata, done) => tasks.stopMonitor({ taskId: 'tnone' }, metadata, done))
    await call('r5', (metadata, done) => alerts.acknowledgeAlert({ id: 'anone' }, metadata, done))
    await call('r6', (metadata, done) => alerts.resolveAlert({ id: 'anone' }, metadata, done))
    await call('r7', (metadata, done) => {
      const upload = objects.uploadObject(metadata, done)
      upload.write({ part: { $case: 'metadata', value: { contentType: 'text/plain' } } })
      upload.end({ part: { $case: 'chunk', value: Buffer.from('bytes') } })
      return upload
    })
    await call('r8', (metadata, done) =>
      tasks.submitTask({ submission: { type: 'nonsense' } }, metadata, done),
    )
    const taskNone = { taskId: 'tnone' }
    await call('c1', (metadata, done) => tasks.pauseTask(taskNone, metadata, done))
    await call('c2', (metadata, done) => tasks.resumeTask(taskNone, metadata, done))
    await call('c3', (metadata, done) => tasks.signalTask({ ...taskNone, name: 'go' }, metadata, done))
    const answer = { ...taskNone, stepId: 'a', decision: 'approved' }
    await call('c4', (metadata, done) => tasks.answerApproval(answer, metadata, done))
    await call('c5', (metadata, done) => tasks.retryTask({ ...taskNone, requestId: 'r' }, metadata, done))
    await call('c6', (metadata, done) => tasks.changeTasks(MANY, metadata, done))
    const order = { ...taskNone, stepId: 'a', to: ['board'] }
    await call('c7', (metadata, done) => tasks.handOnApproval(order, metadata, done))
    await call('r9', (metadata, done) => tasks.checkPlan({ submission: later }, metadata, done))
    await until('all lines', () => lines('grpc').length >= EXPECTED.length)
    t.strictSame(lines('grpc').map(plain), EXPECTED)
    t.equal(lines('grpc')[1]?.target, taskId)
  },
)

t.test('every operation that changes something was asked here', async (t) => {
  const changing = EDGE_OPERATION_NAMES.filter((name) => edgeOperation(name).isChange)
  t.strictSame([...new Set(lines('rest').map(({ operation }) => operation))].toSorted(), changing.toSorted())
})

function requestIdIn(error: ServiceError): string | undefined {
  const [bytes] = error.metadata.get('grpc-status-details-bin')
  const detail = Status.decode(bytes as Buffer).details?.find(({ typeUrl }) =>
    typeUrl?.endsWith('.RequestInfo'),
  )
  return detail?.value && RequestInfo.decode(detail.value).requestId
}
