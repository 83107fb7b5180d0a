import {
  ChannelCredentials,
  type ClientReadableStream,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { isTerminal, type TaskStatus } from '../../../schemas/task.ts'
import {
  ErrorInfo,
  RetryInfo,
  Status,
} from '../../../services/edge/grpc/generated/google/rpc/error_details.ts'
import { AlertServiceClient } from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import { ObjectServiceClient } from '../../../services/edge/grpc/generated/v1/object_service.ts'
import { SystemServiceClient } from '../../../services/edge/grpc/generated/v1/system_service.ts'
import { type Task, TaskStatus as WireStatus } from '../../../services/edge/grpc/generated/v1/task.ts'
import {
  TaskServiceClient,
  type WatchTaskResponse,
} from '../../../services/edge/grpc/generated/v1/task_service.ts'
import type { Ask, Gains, Op, SeenTask } from '../users/action.ts'
import type { FileName, UploadFile } from '../users/files.ts'
import { CallError, type LoadClient } from './load-client.ts'

type Calls = { [Kind in Op]: (ask: Extract<Ask, { op: Kind }>, deadline: Date) => Promise<Gains[Kind]> }
type Done<Response> = (error: ServiceError | null, response: Response) => void

/** Users share connections as those behind a proxy do; without this option all of them would share one. */
const OPTIONS = { 'grpc.use_local_subchannel_pool': 1 }
const CHUNK_BYTES = 64 * 1024

export interface GrpcOptions {
  key?: string | undefined
  files: ReadonlyMap<FileName, UploadFile>
  isTls?: boolean
}

/** The generated client, over a connection of its own. */
export function grpcClient(address: string, { key, files, isTls = false }: GrpcOptions): LoadClient {
  const credentials = isTls ? ChannelCredentials.createSsl() : ChannelCredentials.createInsecure()
  const tasks = new TaskServiceClient(address, credentials, OPTIONS)
  // All services over the same connection.
  const same = { ...OPTIONS, channelOverride: tasks.getChannel() }
  const alerts = new AlertServiceClient(address, credentials, same)
  const objects = new ObjectServiceClient(address, credentials, same)
  const system = new SystemServiceClient(address, credentials, same)
  const metadata = new Metadata()
  if (key !== undefined) metadata.set('authorization', `Bearer ${key}`)
  const told = <Response>(call: (done: Done<Response>) => unknown): Promise<Response> =>
    new Promise((resolve, reject) => {
      call((error, response) => (error ? reject(callErrorOf(error)) : resolve(response)))
    })

  const calls: Calls = {
    async upload({ file }, deadline) {
      const { bytes, contentType, name } = files.get(file)!
      const { object } = await told<{ object?: object | undefined }>((done) => {
        const upload = objects.uploadObject(metadata, { deadline }, done)
        upload.on('error', () => undefined)
        upload.write({ part: { $case: 'metadata', value: { contentType, name, size: bytes.length } } })
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
          upload.write({ part: { $case: 'chunk', value: Buffer.from(bytes.subarray(at, at + CHUNK_BYTES)) } })
        upload.end()
      })
      return object as Gains['upload']
    },
    async submit({ submission }, deadline) {
      const { taskId } = await told<{ taskId?: string | undefined }>((done) =>
        tasks.submitTask({ submission }, metadata, { deadline }, done),
      )
      return { taskId: taskId! }
    },
    async getTask({ taskId }, deadline) {
      const { task } = await told<{ task?: Task | undefined }>((done) =>
        tasks.getTask({ taskId }, metadata, { deadline }, done),
      )
      return seenTask(task!)
    },
    watchTask: ({ taskId }, deadline) =>
      endOfStream(tasks.watchTask({ taskId, chunks: false }, metadata, { deadline })),
    async getResult({ taskId }, deadline) {
      const { output } = await told<{ output?: unknown }>((done) =>
        tasks.getTaskResult({ taskId }, metadata, { deadline }, done),
      )
      return { bytes: JSON.stringify(output ?? null).length }
    },
    async listArtifacts({ taskId }, deadline) {
      const { artifacts = [] } = await told<{ artifacts?: { blob?: string | undefined }[] | undefined }>(
        (done) => tasks.listArtifacts({ taskId }, metadata, { deadline }, done),
      )
      return { blobs: artifacts.map(({ blob }) => blob!) }
    },
    download: ({ blob }, deadline) =>
      new Promise((resolve, reject) => {
        let bytes = 0
        const download = objects.downloadObject({ blob }, metadata, { deadline })
        download.on('data', ({ part }) => {
          if (part?.$case === 'chunk') bytes += part.value.length
        })
        download.on('error', (error: ServiceError) => reject(callErrorOf(error)))
        download.on('end', () => resolve({ bytes }))
      }),
    async listTasks(_ask, deadline) {
      const { tasks: found = [] } = await told<{ tasks?: unknown[] | undefined }>((done) =>
        tasks.listTasks({ limit: 20 }, metadata, { deadline }, done),
      )
      return { tasks: found.length }
    },
    async cancelTask({ taskId }, deadline) {
      await told((done) => tasks.cancelTask({ taskId }, metadata, { deadline }, done))
      return null
    },
    async startMonitor({ request }, deadline) {
      return calls.submit({ op: 'submit', submission: { type: 'monitor', input: request } }, deadline)
    },
    async stopMonitor({ taskId }, deadline) {
      await told((done) => tasks.stopMonitor({ taskId }, metadata, { deadline }, done))
      return null
    },
    async listAlerts({ monitor }, deadline) {
      const of = monitor === '' ? {} : { monitor }
      const { alerts: found = [] } = await told<{ alerts?: object[] | undefined }>((done) =>
        alerts.listAlerts({ limit: 20, ...of }, metadata, { deadline }, done),
      )
      return { alerts: found as Gains['listAlerts']['alerts'] }
    },
    async getAlert({ id }, deadline) {
      const { alert } = await told<{ alert?: object | undefined }>((done) =>
        alerts.getAlert({ id }, metadata, { deadline }, done),
      )
      return alert as Gains['getAlert']
    },
    async acknowledgeAlert({ id }, deadline) {
      const { alert } = await told<{ alert?: object | undefined }>((done) =>
        alerts.acknowledgeAlert({ id, by: 'load', note: 'seen' }, metadata, { deadline }, done),
      )
      return alert as Gains['getAlert']
    },
    async getStatus(_ask, deadline) {
      await told((done) => system.getStatus({}, metadata, { deadline }, done))
      return null
    },
    async listAgents(_ask, deadline) {
      const { agents = [] } = await told<{ agents?: { type?: string | undefined }[] | undefined }>((done) =>
        system.listAgents({}, metadata, { deadline }, done),
      )
      return { types: [...new Set(agents.map(({ type }) => type!))] }
    },
    vanish: ({ submission, afterMs }, deadline) =>
      new Promise((resolve) => {
        const call = tasks.submitTask({ submission }, metadata, { deadline }, () => undefined)
        setTimeout(() => {
          call.cancel()
          resolve(null)
        }, afterMs)
      }),
    vanishUpload({ file }, deadline) {
      const { bytes, contentType } = files.get(file)!
      const upload = objects.uploadObject(metadata, { deadline }, () => undefined)
      upload.on('error', () => undefined)
      upload.write({ part: { $case: 'metadata', value: { contentType, name: 'half', size: bytes.length } } })
      upload.write({ part: { $case: 'chunk', value: Buffer.from(bytes.subarray(0, bytes.length / 2)) } })
      return new Promise((resolve) => {
        setTimeout(() => {
          upload.cancel()
          resolve(null)
        }, 20)
      })
    },
  }
  return {
    transport: 'grpc',
    ask: (ask, timeoutMs) =>
      (calls[ask.op] as (ask: Ask, deadline: Date) => Promise<never>)(ask, new Date(Date.now() + timeoutMs)),
    close: () => tasks.close(),
  }
}

function seenTask({ status: wire = 0, error }: Task): SeenTask {
  const name = Object.entries(WireStatus).find(([, value]) => value === wire)?.[0] ?? ''
  return { status: name.replace('TASK_STATUS_', '').toLowerCase() as TaskStatus, code: error?.code }
}

function endOfStream(stream: ClientReadableStream<WatchTaskResponse>): Promise<SeenTask> {
  return new Promise((resolve, reject) => {
    let seen: SeenTask | undefined
    stream.on('data', ({ item }: WatchTaskResponse) => {
      if (item?.$case !== 'snapshot') return
      const task = seenTask(item.value)
      if (isTerminal(task.status)) seen = task
    })
    stream.on('error', (error: ServiceError) => reject(callErrorOf(error)))
    stream.on('end', () =>
      seen ? resolve(seen) : reject(new CallError('CONNECTION', 'the watch ended before its task')),
    )
  })
}

/** What `google.rpc.Status` says; of an error without one, what gRPC itself says. Pure. */
export function callErrorOf(error: ServiceError): CallError {
  const isRefusal = error.code === status.RESOURCE_EXHAUSTED
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? []
  if (!(bytes instanceof Buffer)) {
    if (error.code === status.UNAVAILABLE) return new CallError('CONNECTION', error.details)
    if (error.code === status.DEADLINE_EXCEEDED) return new CallError('CLIENT_TIMEOUT', error.details)
    return new CallError(`GRPC_${status[error.code] ?? error.code}`, error.details, { isRefusal })
  }
  const { details = [] } = Status.decode(bytes)
  const find = (type: string) => details.find(({ typeUrl }) => typeUrl?.endsWith(`google.rpc.${type}`))?.value
  const info = find('ErrorInfo')
  const retry = find('RetryInfo')
  const delay = retry && RetryInfo.decode(retry).retryDelay
  const retryAfterMs = delay && (delay.seconds ?? 0) * 1000 + (delay.nanos ?? 0) / 1e6
  const code = (info && ErrorInfo.decode(info).reason) ?? `GRPC_${status[error.code]}`
  return new CallError(code, error.details, { retryAfterMs, isRefusal })
}
