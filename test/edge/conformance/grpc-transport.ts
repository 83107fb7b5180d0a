import { ChannelCredentials, type Client, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js'
import type { JsonObject } from '#schemas/json.ts'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import {
  BadRequest,
  ErrorInfo,
  RetryInfo,
  Status,
} from '../../../services/edge/grpc/generated/google/rpc/error_details.ts'
import { AlertServiceClient } from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import { CameraServiceClient } from '../../../services/edge/grpc/generated/v1/camera_service.ts'
import { DeadLetterServiceClient } from '../../../services/edge/grpc/generated/v1/dead_letter_service.ts'
import { ObjectServiceClient } from '../../../services/edge/grpc/generated/v1/object_service.ts'
import { ScheduleServiceClient } from '../../../services/edge/grpc/generated/v1/schedule_service.ts'
import { SystemServiceClient } from '../../../services/edge/grpc/generated/v1/system_service.ts'
import { StepStatus, TaskStatus } from '../../../services/edge/grpc/generated/v1/task.ts'
import {
  TaskServiceClient,
  type WatchTaskResponse,
} from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { TemplateServiceClient } from '../../../services/edge/grpc/generated/v1/template_service.ts'
import { type Answer, type Asked, chunksItem, type Transport, type WatchedItem } from './transport.ts'

type Unary = (request: never, callback: (error: ServiceError | null, response: object) => void) => unknown

/** The generated clients, with the messages turned into the JSON that the other transports speak. */
export function grpcTransport(address: string): Transport {
  const credentials = ChannelCredentials.createInsecure()
  const tasks = new TaskServiceClient(address, credentials)
  const alerts = new AlertServiceClient(address, credentials)
  const cameras = new CameraServiceClient(address, credentials)
  const objects = new ObjectServiceClient(address, credentials)
  const system = new SystemServiceClient(address, credentials)
  const deadLetters = new DeadLetterServiceClient(address, credentials)
  const templates = new TemplateServiceClient(address, credentials)
  const schedules = new ScheduleServiceClient(address, credentials)
  const ask = (client: Client, method: Unary, request: object): Promise<Answer> =>
    new Promise((resolve) => {
      method.call(client, request as never, (error, response) =>
        resolve(error ? refusalOf(error) : { ok: true, body: jsonOf(response) as JsonObject }),
      )
    })
  const call = (client: object, name: string, request: object) =>
    ask(client as Client, (client as Record<string, Unary>)[name]!, request)
  return {
    name: 'gRPC',
    ask(operation, { id, ...rest }) {
      const submission = submissionOf(rest)
      const calls: Record<Asked, () => Promise<Answer>> = {
        submitTask: () => call(tasks, 'submitTask', { submission }),
        getTask: () => call(tasks, 'getTask', { taskId: id }),
        listTasks: () => call(tasks, 'listTasks', listRequest(rest)),
        cancelTask: () => call(tasks, 'cancelTask', { taskId: id, ...rest }),
        checkPlan: async () => {
          const answer = await call(tasks, 'checkPlan', { submission })
          if (!answer.ok) return answer
          const stages = (answer.body.stages as { steps: string[] }[]).map(({ steps }) => steps)
          return { ok: true, body: { ...answer.body, stages } }
        },
        getTaskResult: async () => {
          const answer = await call(tasks, 'getTaskResult', { taskId: id })
          // An output that is null is not said.
          return answer.ok ? { ok: true, body: { output: null, ...answer.body } } : answer
        },
        listArtifacts: () => call(tasks, 'listArtifacts', { taskId: id }),
        startMonitor: () => call(tasks, 'submitTask', { submission: { type: 'monitor', input: rest } }),
        listMonitors: () => call(tasks, 'listTasks', { ...listRequest(rest), type: 'monitor' }),
        stopMonitor: () => call(tasks, 'stopMonitor', { taskId: id }),
        listAgents: () => call(system, 'listAgents', {}),
        listCameras: () => call(cameras, 'listCameras', rest),
        listAlerts: () => call(alerts, 'listAlerts', rest),
        listFalsePositives: () => call(alerts, 'listFalsePositives', rest),
        markFalsePositive: () => call(alerts, 'markFalsePositive', { id }),
        removeFalsePositive: () => call(alerts, 'removeFalsePositive', { id }),
        getAlert: () => call(alerts, 'getAlert', { id }),
        changeAlert: () => {
          const { status, ...about } = rest
          return call(alerts, status === 'resolved' ? 'resolveAlert' : 'acknowledgeAlert', { id, ...about })
        },
        changeAlerts: () => {
          const { status, ...about } = rest
          return call(alerts, status === 'resolved' ? 'resolveAlerts' : 'acknowledgeAlerts', about)
        },
        listReviews: () => call(alerts, 'listReviews', rest),
        getReview: () => call(alerts, 'getReview', { id }),
        markReviews: () => call(alerts, 'markReviews', rest),
        addSnooze: () => call(alerts, 'addSnooze', rest),
        listSnoozes: () => call(alerts, 'listSnoozes', rest),
        endSnooze: () => call(alerts, 'endSnooze', { id, ...rest }),
        addBookmark: () => call(alerts, 'addBookmark', rest),
        listBookmarks: () => call(alerts, 'listBookmarks', rest),
        removeBookmark: () => call(alerts, 'removeBookmark', { id }),
        getStatus: () => call(system, 'getStatus', {}),
        deleteObject: () => call(objects, 'deleteObject', { blob: rest.key }),
        getUsage: () => call(objects, 'getUsage', {}),
        putSchedule: () => call(schedules, 'putSchedule', rest),
        getSchedule: () => call(schedules, 'getSchedule', rest),
        listSchedules: () => call(schedules, 'listSchedules', rest),
        deleteSchedule: () => call(schedules, 'deleteSchedule', rest),
        pauseSchedule: () => call(schedules, 'pauseSchedule', rest),
        resumeSchedule: () => call(schedules, 'resumeSchedule', rest),
        triggerSchedule: () => call(schedules, 'triggerSchedule', rest),
        previewSchedule: () => call(schedules, 'previewSchedule', rest),
        listDeadLetters: () => call(deadLetters, 'listDeadLetters', rest),
        getDeadLetter: () => call(deadLetters, 'getDeadLetter', rest),
        replayDeadLetters: () => call(deadLetters, 'replayDeadLetters', rest),
        purgeDeadLetters: () => call(deadLetters, 'purgeDeadLetters', rest),
        putTemplate: () => call(templates, 'putTemplate', rest),
        getTemplate: () => call(templates, 'getTemplate', rest),
        listTemplates: () => call(templates, 'listTemplates', rest),
        deleteTemplate: () => call(templates, 'deleteTemplate', rest),
        setAgentPolicy: () => call(system, 'setAgentPolicy', rest),
        setInstanceDrain: () => call(system, 'setInstanceDrain', rest),
        setTaskTypePause: () => call(system, 'setTaskTypePause', rest),
        listTaskTypePauses: () => call(system, 'listTaskTypePauses', {}),
        listQueueLoads: () => call(system, 'listQueueLoads', {}),
        getIntegrity: () => call(system, 'getIntegrity', {}),
        getPartitions: () => call(system, 'getPartitions', {}),
        growPartitions: () => call(system, 'growPartitions', rest),
        getAgentPolicies: () => call(system, 'getAgentPolicies', rest),
        pauseTask: () => call(tasks, 'pauseTask', { taskId: id, ...rest }),
        resumeTask: () => call(tasks, 'resumeTask', { taskId: id, ...rest }),
        signalTask: () => {
          const { signalId, ...signal } = rest
          return call(tasks, 'signalTask', { taskId: id, ...signal, id: signalId })
        },
        listApprovals: () => call(tasks, 'listApprovals', rest),
        handOnApproval: () => call(tasks, 'handOnApproval', { taskId: id, ...rest }),
        answerApproval: () => call(tasks, 'answerApproval', { taskId: id, ...rest }),
        retryTask: () => call(tasks, 'retryTask', { taskId: id, ...rest }),
        changeTasks: () => {
          const { filter, ...about } = rest
          return call(tasks, 'changeTasks', {
            ...about,
            ...(filter !== undefined && { filter: listRequest(filter as JsonObject) }),
          })
        },
      }
      return calls[operation]()
    },
    watch(taskId, afterRev, onItem) {
      const stream: ClientReadableStream<WatchTaskResponse> = tasks.watchTask(
        { taskId, afterRev },
        { deadline: Date.now() + 30_000 },
      )
      const items: WatchedItem[] = []
      return new Promise((resolve, reject) => {
        const add = (item: WatchedItem) => {
          items.push(item)
          onItem?.(item)
        }
        stream.on('data', ({ item }: WatchTaskResponse) => {
          if (item?.$case === 'snapshot')
            add({
              kind: 'snapshot',
              rev: item.value.rev,
              what: statusName(item.value.status ?? 0, TaskStatus, 'TASK_STATUS_'),
            })
          else if (item?.$case === 'chunks') add(chunksItem(jsonOf(item.value) as unknown as WatchedChunks))
          else if (item) add({ kind: 'event', rev: item.value.rev, what: item.value.kind ?? '' })
        })
        stream.on('error', reject)
        stream.on('end', () => resolve(items))
      })
    },
    upload(bytes, about) {
      return new Promise((resolve) => {
        const upload = objects.uploadObject((error, response) =>
          resolve(error ? refusalOf(error) : { ok: true, body: jsonOf(response) as JsonObject }),
        )
        upload.write({ part: { $case: 'metadata', value: about } })
        for (let at = 0; at < bytes.length; at += 65_536)
          upload.write({ part: { $case: 'chunk', value: Buffer.from(bytes.subarray(at, at + 65_536)) } })
        upload.end()
      })
    },
    download(key) {
      return new Promise((resolve) => {
        const chunks: Buffer[] = []
        let contentType = ''
        const download = objects.downloadObject({ blob: key })
        download.on('data', ({ part }) => {
          if (part?.$case === 'object') contentType = part.value.contentType ?? ''
          else if (part) chunks.push(part.value)
        })
        download.on('error', (error: ServiceError) => resolve(refusalOf(error)))
        download.on('end', () => resolve({ bytes: new Uint8Array(Buffer.concat(chunks)), contentType }))
      })
    },
    async close() {
      for (const client of [tasks, alerts, objects, system, deadLetters, templates, schedules]) client.close()
    },
  }
}

/** What `google.rpc.Status` says. @throws Error when there is none */
export function refusalOf(error: ServiceError): Extract<Answer, { ok: false }> {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? []
  if (!(bytes instanceof Buffer)) throw new Error(`${error.code} ${error.details} has no details`)
  const { details = [], message = '' } = Status.decode(bytes)
  const find = (type: string) =>
    details.find(({ typeUrl }) => typeUrl === `type.googleapis.com/google.rpc.${type}`)?.value
  const info = ErrorInfo.decode(find('ErrorInfo')!)
  const bad = find('BadRequest')
  const retry = find('RetryInfo')
  const violations = bad && BadRequest.decode(bad).fieldViolations
  const delay = retry && RetryInfo.decode(retry).retryDelay
  return {
    ok: false,
    code: info.reason!,
    message,
    issues: (violations?.map(({ field, description }) => ({ path: field, message: description })) ??
      null) as never,
    fix: info.metadata!.fix!,
    ...(delay && { retryAfterMs: (delay.seconds ?? 0) * 1000 + (delay.nanos ?? 0) / 1e6 }),
  }
}

function submissionOf(submission: JsonObject): object {
  return submission
}

function listRequest({ status, ...rest }: JsonObject): object {
  return {
    ...rest,
    ...(status !== undefined && {
      status: TaskStatus[`TASK_STATUS_${String(status).toUpperCase()}` as keyof typeof TaskStatus] ?? 99,
    }),
  }
}

const GIVEN = [
  'input',
  'content',
  'output',
  'zone',
  'line',
  'payload',
  'subject',
  'values',
  'previous',
  'items',
]
/** What is left out where it is empty. */
const UNSETTABLE: ReadonlySet<string> = new Set([
  ...['labels', 'needs', 'dispatched', 'byCode', 'form', 'escalation', 'choices'],
  ...['runs', 'signals', 'seenSignals', 'issues', 'requires', 'enum'],
  ...['pausedTenants', 'concurrencyOf', 'weights', 'versions', 'handedOn'],
])

/** A message as the JSON of the other transports: unset and empty fields gone, statuses by their names. */
function jsonOf(value: unknown, key = '', isStep = false): unknown {
  if (Array.isArray(value)) return value.map((item) => jsonOf(item))
  // That of a problem is one of HTTP.
  if (key === 'status' && typeof value === 'number' && value < 100)
    return isStep
      ? statusName(value, StepStatus, 'STEP_STATUS_')
      : statusName(value, TaskStatus, 'TASK_STATUS_')
  if (typeof value !== 'object' || value === null) return value
  const areSteps = key === 'steps'
  // What clients sent themselves stays as it is.
  if (GIVEN.includes(key)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => item !== undefined && !isLeftOut(name, item))
      .map(([name, item]) => [name, jsonOf(item, name, areSteps || isStep)]),
  )
}

/** Lists and maps can't be unset in a message; the other transports leave these out when they are empty. */
function isLeftOut(name: string, value: unknown): boolean {
  // Of a step of another kind.
  if (name === 'agent') return value === ''
  if (typeof value !== 'object' || value === null || !UNSETTABLE.has(name)) return false
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0
}

function statusName(value: number, names: Record<string, number>, prefix: string): string {
  const name = Object.entries(names).find(([, of]) => of === value)?.[0] ?? `${value}`
  return name.replace(prefix, '').toLowerCase().replace('_', '-')
}
