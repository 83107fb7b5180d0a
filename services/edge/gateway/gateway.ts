import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobAbout, BlobReading, BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type KeptUpload, releaseUpload, uploadCounted } from '#platform/nats/counted-upload.ts'
import { HeldCalls } from '#platform/nats/held-calls.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { activeTraceparent, withTrace } from '#platform/telemetry/active-trace.ts'
import { ATTRIBUTES, messaging, SPANS, type Span } from '#platform/telemetry/spans.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { Alert, ChangeAlertRequest, ListAlertsRequest, ListAlertsResponse } from '#schemas/alert.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { FrameMarks, SnapshotRequest } from '#schemas/camera.ts'
import { type ListCamerasResponse, listCamerasRequestSchema } from '#schemas/camera-view.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { JsonObject } from '#schemas/json.ts'
import type { DeletedObject, Usage } from '#schemas/object-usage.ts'
import { growPartitionsRequestSchema } from '#schemas/partition-epochs.ts'
import type { QueueLoads } from '#schemas/queue-load.ts'
import type { StorageLevel } from '#schemas/storage.ts'
import type { CheckPlanResponse, SubmissionReceipt } from '#schemas/submission.ts'
import type { Queues, SystemStatus } from '#schemas/system-status.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { GetTaskLogResponse } from '#schemas/task-log.ts'
import type { ListTasksResponse } from '#schemas/task-requests.ts'
import type { RequestInput, ResponseOf } from '#subjects/operations.ts'
import { uploadFolder } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { AlertCareGateway } from './alert-care.ts'
import { DeadLetterGateway } from './dead-letters.ts'
import { DispatchGateway } from './dispatch.ts'
import { type MonitorFrame, MonitorFrames } from './monitor-frames.ts'
import { RecordingGateway } from './recordings.ts'
import { ScheduleGateway } from './schedules.ts'
import { doneBefore, TaskControlGateway } from './task-controls.ts'
import { TemplateGateway } from './templates.ts'

/** Answers are those of our own services, which have made them from checked parts. */
const PASSED_ON = { isTrusted: true } as const
const REQUEST_TIMEOUT_MS = 5000
/** An orchestrator waits this long for the log; what it says then is better than that nobody answered. */
const ACCEPT_TIMEOUT_MS = 7000
/** Who uses it is asked for, and its pieces are taken away. */
const DELETE_TIMEOUT_MS = 10_000
const BLOBS_WAIT_MS = 2000
const STOP_RETRY_MS = 2000

/** What the services on NATS do for one tenant, whatever transport a client came through. Their answers are not checked again. */
export class Gateway {
  readonly alertCare: AlertCareGateway
  readonly deadLetters: DeadLetterGateway
  readonly dispatch: DispatchGateway
  readonly templates: TemplateGateway
  readonly schedules: ScheduleGateway
  readonly controls: TaskControlGateway
  readonly recordings: RecordingGateway
  readonly #bus: Bus
  readonly #calls: HeldCalls
  readonly #tracing: Tracing | undefined
  readonly #frames: MonitorFrames
  #blobs: Promise<BlobStore> | undefined

  /** @param calls how services are asked; by default calls wait while nobody can answer them */
  constructor(
    bus: Bus,
    { tracing, calls = new HeldCalls(bus) }: { tracing?: Tracing; calls?: HeldCalls } = {},
  ) {
    this.#bus = bus
    this.#frames = new MonitorFrames(bus)
    this.#calls = calls
    this.#tracing = tracing
    this.alertCare = new AlertCareGateway(calls)
    this.deadLetters = new DeadLetterGateway(calls)
    this.dispatch = new DispatchGateway(calls)
    this.templates = new TemplateGateway(calls)
    this.schedules = new ScheduleGateway(calls)
    this.controls = new TaskControlGateway(calls, (tenant, taskId) => this.get(tenant, taskId))
    this.recordings = new RecordingGateway(bus)
  }

  /** @param submission as it came: an orchestrator checks it from its bytes on. @throws MurmurError what it is refused for */
  async submit(tenant: string, submission: unknown): Promise<SubmissionReceipt> {
    const span = this.#submissionSpan(tenant)
    try {
      const receipt = await withTrace(span?.traceparent, () =>
        this.#calls.call('submitTask', submission, { ...PASSED_ON, tenant, timeoutMs: ACCEPT_TIMEOUT_MS }),
      )
      span?.end()
      return receipt
    } catch (error) {
      span?.end(error)
      throw error
    }
  }

  /** Of the way to an orchestrator, within the request that is answered just now; undefined where nothing is recorded. */
  #submissionSpan(tenant: string): Span | undefined {
    const parent = activeTraceparent()
    if (!this.#tracing?.records(parent)) return undefined
    return this.#tracing.span(SPANS.submission(), {
      kind: 'producer',
      parent,
      attributes: {
        ...messaging('send', 'request'),
        [ATTRIBUTES.destinationTemplate]: 'murmur.tasks.submit',
        [ATTRIBUTES.tenant]: tenant,
      },
    })
  }

  /** @throws MurmurError TASK_NOT_FOUND, also for tasks of others */
  async get(tenant: string, taskId: string): Promise<TaskState> {
    return (await this.#calls.call('getTask', { taskId }, { ...PASSED_ON, tenant })).task
  }

  /** @throws MurmurError INVALID_REQUEST */
  /** @throws MurmurError TASK_NOT_FOUND; OVERLOADED */
  taskLog(tenant: string, request: RequestInput<'getTaskLog'>): Promise<GetTaskLogResponse> {
    return this.#calls.call('getTaskLog', request, { ...PASSED_ON, tenant, timeoutMs: ACCEPT_TIMEOUT_MS })
  }

  list(tenant: string, request: RequestInput<'listTasks'>): Promise<ListTasksResponse> {
    return this.#calls.call('listTasks', request, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED */
  cancel(tenant: string, request: RequestInput<'cancelTask'>): Promise<{ taskId: string; accepted: true }> {
    const { taskId } = request
    const whenRepeated = doneBefore(() => this.get(tenant, taskId), 'cancelTask')
    return this.#calls.call('cancelTask', request, { ...PASSED_ON, tenant, whenRepeated })
  }

  /** Agents, and which of them are drained. */
  async agents(): Promise<Pick<ResponseOf<'listAgents'>, 'agents' | 'drains'>> {
    const { agents, drains } = await this.registry()
    return { agents, ...(drains && { drains }) }
  }

  /** Agents, and the sites that have been heard of. */
  registry(): Promise<ResponseOf<'listAgents'>> {
    return this.#calls.call('listAgents', {}, PASSED_ON)
  }

  /** Partitions of the log. */
  partitions(): Promise<ResponseOf<'getPartitions'>> {
    return this.#calls.call('getPartitions', {}, PASSED_ON)
  }

  /** Resolves when it is stored. @throws MurmurError INVALID_REQUEST, PARTITIONS_CONFLICT, LIMIT_EXCEEDED */
  growPartitions(request: JsonObject): Promise<ResponseOf<'growPartitions'>> {
    return this.#calls.call('growPartitions', checkRequest(growPartitionsRequestSchema, request), PASSED_ON)
  }

  /** What a submission would do; nothing is run. @throws MurmurError what it would be refused for */
  checkPlan(tenant: string, submission: unknown): Promise<CheckPlanResponse> {
    return this.#calls.call('checkPlan', submission, { ...PASSED_ON, tenant })
  }

  /** One page, newest first. @throws MurmurError INVALID_REQUEST for a cursor that is none */
  alerts(tenant: string, request: ListAlertsRequest): Promise<ListAlertsResponse> {
    return this.#calls.call('listAlerts', request, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError ALERT_NOT_FOUND, also for alerts of others */
  async alert(tenant: string, id: string): Promise<Alert> {
    return (await this.#calls.call('getAlert', { id }, { ...PASSED_ON, tenant })).alert
  }

  /** @throws MurmurError ALERT_NOT_FOUND, ALERT_STATE_CONFLICT */
  async changeAlert(tenant: string, request: ChangeAlertRequest): Promise<Alert> {
    return (await this.#calls.call('changeAlert', request, { ...PASSED_ON, tenant })).alert
  }

  /** Every camera of the tenant that is to be watched, as it stands. @throws MurmurError INVALID_REQUEST, UNAVAILABLE */
  cameras(tenant: string, request: JsonObject): Promise<ListCamerasResponse> {
    const wanted = checkRequest(listCamerasRequestSchema, request)
    return this.#calls.call('listCameras', wanted, { ...PASSED_ON, tenant })
  }

  /** What waits for each agent type, and whose it is. @throws MurmurError UNAVAILABLE */
  queueLoads(): Promise<QueueLoads> {
    return this.#calls.call('listQueueLoads', {}, PASSED_ON)
  }

  /** What the auditor of the log has found. @throws MurmurError UNAVAILABLE */
  integrity(): Promise<ResponseOf<'getIntegrity'>> {
    return this.#calls.call('getIntegrity', {}, PASSED_ON)
  }

  queues(): Promise<Queues> {
    return this.#calls.call('listQueues', {}, PASSED_ON)
  }

  /** How full everything is, the fullest first. @throws MurmurError UNAVAILABLE */
  async storage(): Promise<StorageLevel[]> {
    return (await this.#calls.call('listStorage', {}, PASSED_ON)).storage
  }

  status(): Promise<SystemStatus> {
    return this.#calls.call('getStatus', {}, PASSED_ON)
  }

  /**
   * Keeps what a client sends, without ever holding all of it.
   * @throws MurmurError PAYLOAD_TOO_LARGE above LIMITS.blobBytes and for what never fits; QUOTA_EXCEEDED; OVERLOADED; UNAVAILABLE; what `bytes` throws. Nothing is kept then.
   */
  async putObject(tenant: string, bytes: AsyncIterable<Uint8Array>, about: BlobAbout): Promise<KeptUpload> {
    const store = await this.#store()
    return uploadCounted({ bus: this.#calls, store, tenant }, bytes, { ...about, tenant })
  }

  /** Takes an upload back that nobody has been told of. @throws MurmurError UNAVAILABLE */
  async removeUpload(tenant: string, { blob }: BlobRef): Promise<void> {
    await (await this.#store()).remove({ blob })
    await releaseUpload({ bus: this.#calls, tenant }, blob.slice(blob.lastIndexOf('/') + 1))
  }

  /** @throws MurmurError BLOB_NOT_FOUND, also for objects of others; OBJECT_IN_USE */
  deleteObject(tenant: string, key: string): Promise<DeletedObject> {
    return this.#calls.call('deleteObject', { key }, { ...PASSED_ON, tenant, timeoutMs: DELETE_TIMEOUT_MS })
  }

  /** What a tenant uses of what is limited. */
  async usage(tenant: string): Promise<Usage> {
    return (await this.#calls.call('getUsage', {}, { ...PASSED_ON, tenant })).usage
  }

  /**
   * An object of this tenant: one that was uploaded for it, or made by one of its tasks.
   * @throws MurmurError BLOB_NOT_FOUND, also for objects of others
   */
  async getObject(tenant: string, key: string): Promise<BlobReading> {
    await this.#assertOwn(tenant, key)
    return (await this.#store()).read(key)
  }

  /**
   * The whole of an object of this tenant.
   * @throws MurmurError BLOB_NOT_FOUND, also for objects of others; BLOB_CORRUPT; LIMIT_EXCEEDED above `maxBytes`
   */
  async readObject(tenant: string, ref: BlobRef, maxBytes: number): Promise<Uint8Array> {
    await this.#assertOwn(tenant, ref.blob)
    return (await this.#store()).get(ref, { maxBytes })
  }

  /**
   * Asks a monitor to end in order: its summary is made.
   * @throws MurmurError TASK_NOT_FOUND; INVALID_REQUEST for a task of another type; TASK_ALREADY_FINISHED; TASK_STATE_CONFLICT when
   * nobody captures it just now
   */
  async stopMonitor(tenant: string, taskId: string): Promise<void> {
    await this.#runningMonitor(tenant, taskId)
    try {
      await this.#bus.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: REQUEST_TIMEOUT_MS })
    } catch (cause) {
      throw uncaptured(taskId, 'it can be cancelled, or stopped when it is captured again', cause)
    }
  }

  /**
   * The newest picture of a monitored camera, or that of a frame that was looked at, as JPEG.
   * @throws MurmurError as `stopMonitor`; OVERLOADED when others are drawn; UNAVAILABLE when there was no picture yet
   */
  async monitorFrame(
    tenant: string,
    taskId: string,
    wanted: FrameMarks | SnapshotRequest,
  ): Promise<MonitorFrame> {
    const { input } = await this.#runningMonitor(tenant, taskId)
    try {
      if ('seq' in wanted) return await this.#frames.seen(taskId, wanted)
      return await this.#frames.newest(taskId, input, wanted)
    } catch (cause) {
      throw uncaptured(taskId, 'it has pictures when it is captured again', cause)
    }
  }

  /** @throws MurmurError TASK_NOT_FOUND, INVALID_REQUEST, TASK_ALREADY_FINISHED */
  async #runningMonitor(tenant: string, taskId: string): Promise<TaskState> {
    const task = await this.get(tenant, taskId)
    const { type, status } = task
    if (type !== 'monitor')
      throw new MurmurError('INVALID_REQUEST', `task ${taskId} is no monitor but a ${type}`)
    if (isTerminal(status)) throw new MurmurError('TASK_ALREADY_FINISHED', `monitor ${taskId} is ${status}`)
    return task
  }

  async #assertOwn(tenant: string, key: string): Promise<void> {
    const [folder, owner] = key.split('/')
    const isOwn =
      key.startsWith(`${uploadFolder(tenant)}/`) ||
      ((folder === 'tasks' || folder === 'monitors') &&
        owner !== undefined &&
        (await this.#isTaskOf(tenant, owner)))
    if (!isOwn) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${key.slice(0, 256)}"`)
  }

  async #isTaskOf(tenant: string, taskId: string): Promise<boolean> {
    if (!taskIdSchema.safeParse(taskId).success) return false
    try {
      await this.get(tenant, taskId)
      return true
    } catch (error) {
      if (error instanceof MurmurError && error.code === 'TASK_NOT_FOUND') return false
      throw error
    }
  }

  #store(): Promise<BlobStore> {
    this.#blobs ??= this.#bus.objects.open({ waitMs: BLOBS_WAIT_MS }).catch((cause: unknown) => {
      this.#blobs = undefined
      throw new MurmurError('UNAVAILABLE', 'the object store does not answer', { cause })
    })
    return this.#blobs
  }
}

/** What a capture that does not answer means; what it answers stays as it is. */
function uncaptured(taskId: string, help: string, cause: unknown): unknown {
  if (!(cause instanceof MurmurError && cause.code === 'UNAVAILABLE')) return cause
  return new MurmurError('TASK_STATE_CONFLICT', `nobody captures monitor ${taskId} just now: ${help}`, {
    cause,
    retryAfterMs: STOP_RETRY_MS,
  })
}
