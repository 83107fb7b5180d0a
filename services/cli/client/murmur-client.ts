import type { Clock } from '#platform/clock/clock.ts'
import { loadStored } from '#platform/json/load-stored.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import type { FoundClip } from '#platform/nats/read-clip.ts'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import type { AgentView } from '#schemas/agent.ts'
import type { InstanceDrain, SetInstanceDrainRequest } from '#schemas/agent-drain.ts'
import type { AgentDispatchView, SetAgentPolicyRequest, StoredPolicy } from '#schemas/agent-policy.ts'
import type { ApiKey, CreateKeyRequest } from '#schemas/api-key.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type {
  ChangeDeadLettersResponse,
  GetDeadLetterResponse,
  ListDeadLettersRequest,
  ListDeadLettersResponse,
} from '#schemas/dead-letter.ts'
import type { IntegrityView } from '#schemas/integrity.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { DeletedObject, Usage } from '#schemas/object-usage.ts'
import type { GrowPartitionsRequest, PartitionsView } from '#schemas/partition-epochs.ts'
import type {
  DeleteTemplateResponse,
  GetTemplateResponse,
  ListTemplatesRequest,
  ListTemplatesResponse,
  PutTemplateResponse,
} from '#schemas/plan-template.ts'
import type { QueueLoads } from '#schemas/queue-load.ts'
import type { CheckPlanResponse, SubmissionReceipt } from '#schemas/submission.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import type { TaskState } from '#schemas/task.ts'
import type { ChangeTasksResponse, ListApprovalsResponse, RetryTaskResponse } from '#schemas/task-controls.ts'
import type { ListTasksRequest, ListTasksResponse } from '#schemas/task-requests.ts'
import type { PausedTaskType, SetTaskTypePauseRequest, TaskTypePause } from '#schemas/task-type.ts'
import type { RequestInput, ResponseOf } from '#subjects/operations.ts'
import type { EdgeTarget } from './edge-target.ts'
import { type ScheduleClient, schedulesOver } from './schedule-client.ts'
import type { Transport, UploadInfo } from './transport.ts'
import { type VideoClient, videoOver } from './video-client.ts'

/** A list's request as a command makes it: the service adds its defaults. */
export type TaskQuery = Partial<ListTasksRequest>

/**
 * The system as a command uses it, over any transport: typed calls, every answer checked.
 * Every call may throw MurmurError UNAVAILABLE, and the problem that it is answered with.
 */
export interface MurmurClient extends Pick<Transport, 'address' | 'upload' | 'download' | 'read' | 'close'> {
  /** Cameras and alerts, over the same connection. */
  readonly video: VideoClient
  readonly recordings: RecordingClient
  /** Who may come in by the edge; only over NATS. */
  readonly keys: KeyAdmin | undefined
  /** What was given up: over NATS of all tenants, over an edge of one's own. */
  readonly deadLetters: DeadLetterClient
  /** Plans that are kept under a name, in versions. */
  readonly templates: TemplateClient
  readonly schedules: ScheduleClient
  readonly objects: ObjectClient
  /** What somebody wants of tasks that are there. */
  readonly controls: ControlClient
  /** How agents are dispatched: over an edge with a key of an operator. */
  readonly dispatch: DispatchAdmin
  /** Partitions of the log: over an edge with a key of an operator. */
  readonly partitions: PartitionsAdmin

  submit(submission: JsonValue): Promise<SubmissionReceipt>
  get(taskId: string): Promise<TaskState>
  list(request: TaskQuery): Promise<ListTasksResponse>
  cancel(taskId: string, reason?: string): Promise<{ taskId: string; accepted: true }>
  /** What a submission would do; nothing is run. */
  checkPlan(submission: JsonValue): Promise<CheckPlanResponse>
  /** A task to its end, no event missing and none twice; the last item is the task in its final state. */
  watch(taskId: string, signal: AbortSignal): AsyncGenerator<WatchItem>
  agents(): Promise<AgentView[]>
  /** The same, with what else is told with them: which instances are drained. */
  registry(): Promise<ResponseOf<'listAgents'>>
  status(): Promise<SystemStatus>
}

/** What is in the object store. */
export interface ObjectClient {
  /** @throws MurmurError BLOB_NOT_FOUND, OBJECT_IN_USE */
  delete(key: string): Promise<DeletedObject>
  /** What the tenant uses of what is limited. */
  usage(): Promise<Usage>
}

/** Recordings as a command uses them. */
export interface RecordingClient {
  list(camera?: string): Promise<ResponseOf<'listRecordings'>>
  timeline(request: RequestInput<'getTimeline'>): Promise<ResponseOf<'getTimeline'>>
  clips(request: RequestInput<'findClips'>): Promise<ResponseOf<'findClips'>>
  /** @param index its place among the clips of its span. @throws MurmurError RECORDING_NOT_FOUND */
  read(found: FoundClip, index: number): AsyncIterable<Uint8Array>
  link(alert: string, expiresInSec: number): Promise<{ url: string; expiresAtMs: number }>
}

export interface KeyAdmin {
  create(request: CreateKeyRequest): Promise<{ key: ApiKey; secret: string }>
  list(tenant?: string): Promise<ApiKey[]>
  /** @throws MurmurError KEY_NOT_FOUND, KEY_STATE_CONFLICT */
  rotate(request: RequestInput<'rotateKey'>): Promise<ResponseOf<'rotateKey'>>
  /** @throws MurmurError KEY_NOT_FOUND */
  revoke(id: string): Promise<ApiKey>
}

export interface TemplateClient {
  put(request: RequestInput<'putTemplate'>): Promise<PutTemplateResponse>
  /** @throws MurmurError TEMPLATE_NOT_FOUND */
  get(name: string, version?: number): Promise<GetTemplateResponse>
  list(request: Partial<ListTemplatesRequest>): Promise<ListTemplatesResponse>
  /** @throws MurmurError TEMPLATE_NOT_FOUND */
  delete(name: string, version?: number): Promise<DeleteTemplateResponse>
}

export interface DispatchAdmin {
  /** How agent types are dispatched, and what waits, as one orchestrator sees it. */
  list(agent?: string): Promise<AgentDispatchView[]>
  set(request: SetAgentPolicyRequest): Promise<StoredPolicy>
  /** What waits for each agent type, and whose it is. */
  loads(): Promise<QueueLoads>
  /** What the auditor of the log has found; undefined: nobody audits. */
  integrity(): Promise<IntegrityView | undefined>
  /** Types of tasks that are paused. */
  pausedTypes(): Promise<PausedTaskType[]>
  setTypePause(request: SetTaskTypePauseRequest): Promise<TaskTypePause>
  /** Whether an instance takes new steps. @throws MurmurError INSTANCE_NOT_FOUND, DRAIN_UNSUPPORTED, LIMIT_EXCEEDED */
  setDrain(request: SetInstanceDrainRequest): Promise<InstanceDrain>
}

export interface PartitionsAdmin {
  get(): Promise<PartitionsView>
  /** @throws MurmurError INVALID_REQUEST, PARTITIONS_CONFLICT, LIMIT_EXCEEDED */
  grow(request: GrowPartitionsRequest): Promise<PartitionsView>
}

export interface ControlClient {
  pause(request: RequestInput<'pauseTask'>): Promise<ResponseOf<'pauseTask'>>
  resume(request: RequestInput<'resumeTask'>): Promise<ResponseOf<'resumeTask'>>
  signal(request: RequestInput<'signalTask'>): Promise<ResponseOf<'signalTask'>>
  /** One page of what waits for somebody. */
  approvals(request: RequestInput<'listApprovals'>): Promise<ListApprovalsResponse>
  /** @throws MurmurError APPROVAL_NOT_OPEN, INVALID_REQUEST */
  answer(request: RequestInput<'answerApproval'>): Promise<ResponseOf<'answerApproval'>>
  /** Others are to decide. @throws MurmurError APPROVAL_NOT_OPEN, LIMIT_EXCEEDED */
  handOn(request: RequestInput<'handOnApproval'>): Promise<ResponseOf<'handOnApproval'>>
  retry(request: RequestInput<'retryTask'>): Promise<RetryTaskResponse>
  /** One page of a filter, or the tasks that are named. */
  changeMany(request: RequestInput<'changeTasks'>): Promise<ChangeTasksResponse>
}

export interface DeadLetterClient {
  list(request: Partial<ListDeadLettersRequest>): Promise<ListDeadLettersResponse>
  /** @throws MurmurError DEAD_LETTER_NOT_FOUND */
  get(seq: number): Promise<GetDeadLetterResponse>
  replay(request: RequestInput<'replayDeadLetters'>): Promise<ChangeDeadLettersResponse>
  purge(request: RequestInput<'purgeDeadLetters'>): Promise<ChangeDeadLettersResponse>
}

/** The one client there is: operations of the catalogue by name, and what the transport does in a way of its own. */
export function clientOver(transport: Transport): MurmurClient {
  return {
    address: transport.address,
    video: videoOver(transport),
    recordings: {
      list: (camera) => transport.call('listRecordings', { ...(camera !== undefined && { camera }) }),
      timeline: (request) => transport.call('getTimeline', request),
      clips: (request) => transport.call('findClips', request),
      read: (found, index) => transport.readClip(found, index),
      link: (alert, expiresInSec) => transport.linkClip(alert, expiresInSec),
    },
    keys: keysOver(transport),
    dispatch: dispatchOver(transport),
    partitions: partitionsOver(transport),
    deadLetters: {
      list: (request) => transport.call('listDeadLetters', request),
      get: (seq) => transport.call('getDeadLetter', { seq }),
      replay: (request) => transport.call('replayDeadLetters', request),
      purge: (request) => transport.call('purgeDeadLetters', request),
    },
    templates: {
      put: (request) => transport.call('putTemplate', request),
      get: (name, version) => transport.call('getTemplate', { name, version }),
      list: (request) => transport.call('listTemplates', request),
      delete: (name, version) => transport.call('deleteTemplate', { name, version }),
    },
    schedules: schedulesOver(transport),
    objects: {
      delete: (key) => transport.call('deleteObject', { key }),
      usage: async () => (await transport.call('getUsage', {})).usage,
    },
    controls: controlsOver(transport),
    submit: (submission) => transport.call('submitTask', submission),
    get: async (taskId) => (await transport.call('getTask', { taskId })).task,
    list: (request) => transport.call('listTasks', request),
    cancel: (taskId, reason) => transport.call('cancelTask', { taskId, ...(reason && { reason }) }),
    checkPlan: (submission) => transport.call('checkPlan', submission),
    watch: (taskId, signal) => transport.watchTask(taskId, signal),
    agents: async () => (await transport.call('listAgents', {})).agents,
    registry: () => transport.call('listAgents', {}),
    status: () => transport.call('getStatus', {}),
    upload: (bytes, about: UploadInfo) => transport.upload(bytes, about),
    download: (ref: BlobRef, options) => transport.download(ref, options),
    read: (key): Promise<BlobReading> => transport.read(key),
    close: () => transport.close(),
  }
}

function controlsOver(transport: Transport): ControlClient {
  return {
    pause: (request) => transport.call('pauseTask', request),
    resume: (request) => transport.call('resumeTask', request),
    signal: (request) => transport.call('signalTask', request),
    approvals: (request) => transport.call('listApprovals', request),
    answer: (request) => transport.call('answerApproval', request),
    handOn: (request) => transport.call('handOnApproval', request),
    retry: (request) => transport.call('retryTask', request),
    changeMany: (request) => transport.call('changeTasks', request),
  }
}

function dispatchOver({ call }: Transport): DispatchAdmin {
  return {
    list: async (agent) => (await call('getAgentPolicies', { ...(agent && { agent }) })).agents,
    set: async (request) => (await call('setAgentPolicy', request)).policy,
    loads: () => call('listQueueLoads', {}),
    integrity: async () => (await call('getIntegrity', {})).integrity,
    pausedTypes: async () => (await call('listTaskTypePauses', {})).paused,
    setTypePause: async (request) => (await call('setTaskTypePause', request)).pause,
    setDrain: async (request) => (await call('setInstanceDrain', request)).drain,
  }
}

function partitionsOver({ call }: Transport): PartitionsAdmin {
  return {
    get: () => call('getPartitions', {}),
    grow: (request) => call('growPartitions', request),
  }
}

function keysOver({ operatorCall: call }: Transport): MurmurClient['keys'] {
  if (!call) return undefined
  return {
    create: (request) => call('createKey', request),
    list: async (tenant) => (await call('listKeys', { ...(tenant && { tenant }) })).keys,
    rotate: (request) => call('rotateKey', request),
    revoke: async (id) => (await call('revokeKey', { id })).key,
  }
}

/**
 * An output with everything in it that had become too big for the task's state and lies in the object store as
 * `{ "$json": … }`. What no longer fits in `maxBytes` altogether stays a reference.
 * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT
 */
export async function loadOutput(
  output: JsonValue,
  client: Pick<MurmurClient, 'download'>,
  maxBytes: number,
): Promise<JsonValue> {
  const load: Parameters<typeof loadStored>[1]['load'] = (ref, partBytes) =>
    client.download(ref, { maxBytes: partBytes })
  return (await loadStored(output, { load, maxBytes })).value
}

/** Where commands go. */
export type ClientTarget = { natsUrl: string; tenant?: string | undefined } | { edge: EdgeTarget }

export interface ClientDeps {
  readonly clock: Clock
  /** Where settings of the connection to NATS stand; by default those of the process. */
  readonly env?: NodeJS.ProcessEnv
}

/** @throws MurmurError UNAVAILABLE when NATS does not answer; an edge is first asked by the first call */
export async function connectClient(target: ClientTarget, deps: ClientDeps): Promise<MurmurClient> {
  return clientOver(await connectTransport(target, deps))
}

/** Each is loaded where it is used: one has the client of NATS in it, the other a parser of event streams. */
async function connectTransport(target: ClientTarget, { clock, env }: ClientDeps): Promise<Transport> {
  if ('edge' in target) {
    const { EdgeTransport } = await import('./edge-transport.ts')
    return new EdgeTransport(target.edge, clock)
  }
  const { NatsTransport } = await import('./nats-transport.ts')
  return NatsTransport.connect(target, clock, env)
}
