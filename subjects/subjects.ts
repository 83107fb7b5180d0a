import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import type { LogKind } from '#schemas/log-event.ts'
import { LOG_KINDS } from '#schemas/log-event.ts'
import type { Priority } from '#schemas/plan.ts'
import type { SubmissionKeyKind } from '#schemas/submission-key.ts'
import type { TaskEventKind } from '#schemas/task-event.ts'
import type { Severity } from '#schemas/watch-rule.ts'
import { modelToken } from './model-token.ts'
import { withoutRange } from './task-partition.ts'

export { partitionOf } from './task-partition.ts'

/**
 * Every subject on the wire, literal beside wildcard. Builders refuse tokens that would change the subject's shape.
 *
 *   tasks.submit.<type>                    into INTAKE      clients, durable
 *   tasks.rejected.<type>                  core             what the intake refused, with the problem
 *   tasks.events.<type>.<taskId>.<kind>    core             live events for watchers
 *   chunks.<tenant>.<agent>.<taskId>.<stepId>  core         what a step emits while it runs, for watchers
 *   chunk-replay.<tenant>.<agent>.<taskId>.<stepId>.<attempt>  service  answered by the process that runs it: what it has emitted
 *   log.<partition>.<kind>                 into LOG         everything that happens to a task
 *   log.<partition>.result.<agent>         into LOG         results, by the type of agent that gives them
 *   log.<partition>.horizon                into LOG         no event: the log before it may have been purged
 *   checkpoints.<partition>.<taskId>       into CHECKPOINTS the state of a task that lives for long
 *   checkpoints.<partition>.<taskId>.…     into CHECKPOINTS what stands beside it, or is too large for one message
 *   horizons.<partition>                   into CHECKPOINTS up to where the log is needed no more
 *   steps.<agent>.any.<priority>           into STEPS       work for agents
 *   steps.<agent>.at.<queue>               into STEPS       work for the instance that has this queue just now
 *   dead.<agent>                           into DEAD        steps that took down the processes that ran them
 *   agents.heartbeat.<type>.<instance>     core             every second, from each instance
 *   agents.cordon.<type>.<instance>        core             an orchestrator tells an instance whether it may take new steps
 *   sites.heartbeat.<site>                 core             every second, from the keeper of each site, as long as its link is up
 *   site-state.<monitor>                   into SITE_STATE  what the tracker of a camera knows, on a site
 *   agents.breakers.<type>                 core             a circuit breaker of that type, or of an instance, has changed
 *   detectors.heartbeat.<instance>         core             every second, from each detector: what it runs, how it does
 *   admission.places                       core             orchestrators tell each other whom they told to come back, and when
 *   frames.<tenant>.<camera>.<model>       into FRAMES      pictures, the latest few, in memory: for the detectors that run the model
 *   frames.<tenant>.<camera>:<monitor>.<model>  into FRAMES  those of a reading that loses none, apart from any other of that name
 *   frames.<tenant>.<camera>               into FRAMES      those of captures of a release before: for any detector
 *   detections.<tenant>.<camera>           core             what was seen in one frame
 *   gated-frames.<tenant>.<camera>         core             frames in which nothing moves, which no detector is sent: from capture to tracking
 *   tracks.<tenant>.<camera>               core             the state of a camera after each frame
 *   cameras.state.<tenant>.<camera>        core             every second: connected, rate, drops
 *   cameras.events.<tenant>.<camera>       into CAMERA_EVENTS  a rule came true; work for alerting
 *   recordings.stores.<store>              core             every two seconds, from each node that has recordings
 *   recordings.ask.<store>.<verb>          service          answered by that node: what it has
 *   alerts.<severity>.<tenant>.<camera>    into ALERTS      CloudEvents, for whoever wants to know
 *   alert-changes.<tenant>.<camera>        into ALERTS      an alert acknowledged, resolved, or with its snapshot
 *   keys.<id>                              into KEYS        an API key, hashed: its last state
 *   key-uses.<id>                          into KEY_USES    when it was used last
 *   agent-policies.<type>                  into POLICIES    how an agent type is dispatched: its last state
 *   false-positives.<tenant>.<camera>      into POLICIES    what a camera takes for something that it is not: the last state
 *   task-type-pauses.<name>                into POLICIES    whether tasks of a type take new steps: the last state
 *   instance-drains.<type>                 into POLICIES    which instances of an agent type are drained: the last state
 *   partition-epochs.log                   into POLICIES    which partitions of the log there are, and since when: the last state
 *   plan-templates.<tenant>.<name>.<version>  into TEMPLATES  a version of a plan template, written once
 *   schedules.<tenant>.<name>              into SCHEDULES   a schedule: its last state
 *   submission-keys.<tenant>.<kind>.<hash>  into SUBMISSION_KEYS  who has a key of singleton or debounce: its last state
 *   monitors.<taskId>.ready                service          the tracker of that monitor listens
 *   monitors.<taskId>.stop|snapshot        service          its capture: end in order; a frame as JPEG
 *   murmur.tasks.submit|get|list|cancel    service          answered by an orchestrator
 *   murmur.submissions.get                 service          answered by an orchestrator: what became of tasks.submit.<type>
 *   murmur.templates.put|get|list|delete   service          answered by an orchestrator
 *   murmur.schedules.put|get|list|…        service          answered by an orchestrator
 *   murmur.plans.check                     service          answered by an orchestrator; nothing is run
 *   dead-marks.<seq>                        into DEAD        what a letter became when it was replayed
 *   murmur.dead-letters.list|get|…         service          answered by an orchestrator, for operators only
 *   murmur.queues.list                     service          answered by an orchestrator
 *   murmur.tasks.watch                     service          answered by an edge, with many messages
 *   murmur.tasks.result|artifacts          service          answered by an edge, which reads the object store
 *   murmur.system.status                   service          answered by an edge
 *   murmur.keys.create|list|rotate|revoke  service          answered by an edge, for operators only
 *   murmur.agents.policies|set-policy      service          answered by an orchestrator: how agent types are dispatched
 *   murmur.agents.set-drain                service          answered by an orchestrator: whether an instance takes new steps
 *   murmur.task-types.pauses|set-pause     service          answered by an orchestrator: types of tasks that are paused
 *   murmur.partitions.get|grow             service          answered by an orchestrator: partitions of the log, and more of them
 *   murmur.agents.register|list            service          answered by an orchestrator
 *   murmur.steps.start|release.<agent>     service          answered by an orchestrator: may a step be run; it is handed back
 *   murmur.queues.provide                  service          answered by an orchestrator, which alone makes streams and queues
 *   murmur.detection.info|models           service          answered by a detector
 *   murmur.detection.model.<model>         service          answered by a detector that has it, or can have it
 *   murmur.cameras.list                    service          answered by an orchestrator: every camera, and how it is
 *   murmur.alerts.list|get|change          service          answered by an alerting instance
 *   murmur.recordings.list|timeline|…      service          answered by a node that has recordings, for all of them
 *   murmur.false-positives.mark|list|remove  service        the same
 *   $SRV.PING|INFO|STATS[.<name>[.<id>]]   service          answered by each of those above: `nats micro ls`
 *   murmur.tenants.<tenant>.<noun>.<verb>  service          murmur.<noun>.<verb> for another tenant than `default`
 */
export const SUBJECTS = {
  submit: (type: string) => `tasks.submit.${token(type)}`,
  submitAll: 'tasks.submit.*',
  rejected: (type: string) => `tasks.rejected.${token(type)}`,
  rejectedAll: 'tasks.rejected.>',
  event: (type: string, taskId: string, kind: TaskEventKind) => `tasks.events.${type}.${taskId}.${kind}`,
  eventsOfTask: (taskId: string) => `tasks.events.*.${token(taskId)}.*`,
  eventsOfKind: (kind: TaskEventKind) => `tasks.events.*.*.${kind}`,
  eventsAll: 'tasks.events.>',
  /** The tenant whose task it is, and the agent type whose step: the server lets each hear, and tell, its own only. */
  chunks: ({ tenant, agent, taskId, stepId }: StepAddress) =>
    `chunks.${token(tenant)}.${token(agent)}.${token(taskId)}.${runToken(stepId)}`,
  chunksOfTask: (tenant: string, taskId: string) => `chunks.${token(tenant)}.*.${token(taskId)}.*`,
  chunkReplay: ({ tenant, agent, taskId, stepId }: StepAddress, attempt: number) =>
    `chunk-replay.${token(tenant)}.${token(agent)}.${token(taskId)}.${runToken(stepId)}.${attempt}`,
  log: (partition: number, kind: LogKind) => `log.${partition}.${kind}`,
  /** Where agents of a type write results: the server lets each write its own only. */
  result: (partition: number, agent: string) => `log.${partition}.result.${token(agent)}`,
  resultsAll: 'log.*.result.*',
  logOfPartition: (partition: number) => `log.${partition}.>`,
  logAll: 'log.>',
  logKinds: 'log.*.*',
  /** Says to releases that know nothing of horizons that the log before it may be gone: they stop there. */
  logHorizon: (partition: number) => `log.${partition}.horizon`,
  checkpoint: (partition: number, taskId: string) => `checkpoints.${partition}.${token(taskId)}`,
  /** Outcomes of items of a list, some behind each other. */
  checkpointItems: (partition: number, taskId: string, stepId: string, piece: number) =>
    `checkpoints.${partition}.${token(taskId)}.items.${token(stepId)}.${piece}`,
  /** A part of a state that is too large for one message; `upTo` names the state. */
  checkpointPart: (partition: number, taskId: string, upTo: number, part: number) =>
    `checkpoints.${partition}.${token(taskId)}.part.${upTo}.${part}`,
  checkpointPieces: (partition: number, taskId: string) => `checkpoints.${partition}.${token(taskId)}.>`,
  checkpointsOf: (partition: number) => `checkpoints.${partition}.>`,
  checkpointsAll: 'checkpoints.>',
  horizon: (partition: number) => `horizons.${partition}`,
  horizonsAll: 'horizons.*',
  step: (agent: string, priority: Priority) => `steps.${agent}.any.${priority}`,
  /** Of one instance: which one, its heartbeats say. */
  stepAt: (agent: string, queue: number) => `steps.${agent}.at.${queue}`,
  stepsAtOf: (agent: string) => `steps.${token(agent)}.at.*`,
  stepsAtAll: 'steps.*.at.*',
  stepsAll: 'steps.>',
  dead: (agent: string) => `dead.${token(agent)}`,
  deadAll: 'dead.*',
  deadMark: (seq: number) => `dead-marks.${seq}`,
  deadMarksAll: 'dead-marks.*',
  heartbeat: (type: string, instance: string) => `agents.heartbeat.${token(type)}.${token(instance)}`,
  heartbeatAll: 'agents.heartbeat.*.*',
  cordon: (type: string, instance: string) => `agents.cordon.${token(type)}.${token(instance)}`,
  cordonAll: 'agents.cordon.*.*',
  siteHeartbeat: (site: string) => `sites.heartbeat.${token(site)}`,
  siteHeartbeatAll: 'sites.heartbeat.*',
  breaker: (type: string) => `agents.breakers.${token(type)}`,
  breakersAll: 'agents.breakers.*',
  detectorHeartbeat: (instance: string) => `detectors.heartbeat.${token(instance)}`,
  detectorHeartbeatAll: 'detectors.heartbeat.*',
  places: 'admission.places',
  storage: (resource: string) => `system.storage.${token(resource)}`,
  storageAll: 'system.storage.*',
  /** Cameras are named by their users, each tenant for itself: the tenant stands before every such name. */
  frames: (tenant: string, camera: string) => `frames.${token(tenant)}.${token(camera)}`,
  /** Of a reading that loses none: its own, as two may have one name of a camera, and the stream keeps a few of each subject. */
  framesOfReading: (tenant: string, camera: string, monitor: string, model?: string) =>
    `frames.${token(tenant)}.${token(camera)}:${token(monitor)}${model === undefined ? '' : `.${modelToken(model)}`}`,
  framesAll: 'frames.*.*',
  /** For the detectors that run this model. */
  framesOfModel: (tenant: string, camera: string, model: string) =>
    `frames.${token(tenant)}.${token(camera)}.${modelToken(model)}`,
  framesOfModelAll: (model: string) => `frames.*.*.${model === '*' ? '*' : modelToken(model)}`,
  /** How a model is that a monitor needs: by its name, or what takes the place of one. */
  detectionModel: (model: string) => `murmur.detection.model.${modelToken(model)}`,
  detectionModelAll: 'murmur.detection.model.*',
  detections: (tenant: string, camera: string) => `detections.${token(tenant)}.${token(camera)}`,
  detectionsAll: 'detections.*.*',
  /** From capture itself: an account must not say what it hears of another one. */
  gatedFrames: (tenant: string, camera: string) => `gated-frames.${token(tenant)}.${token(camera)}`,
  gatedFramesAll: 'gated-frames.*.*',
  tracks: (tenant: string, camera: string) => `tracks.${token(tenant)}.${token(camera)}`,
  tracksAll: 'tracks.*.*',
  tracksOfTenant: (tenant: string) => `tracks.${token(tenant)}.*`,
  cameraState: (tenant: string, camera: string) => `cameras.state.${token(tenant)}.${token(camera)}`,
  cameraStateAll: 'cameras.state.*.*',
  cameraStatesOfTenant: (tenant: string) => `cameras.state.${token(tenant)}.*`,
  cameraEvents: (tenant: string, camera: string) => `cameras.events.${token(tenant)}.${token(camera)}`,
  cameraEventsAll: 'cameras.events.*.*',
  recordingStore: (store: string) => `recordings.stores.${token(store)}`,
  recordingStoresAll: 'recordings.stores.*',
  recordingAsk: (store: string, verb: string) => `recordings.ask.${token(store)}.${token(verb)}`,
  recordingAsksAll: 'recordings.ask.*.*',
  alert: (severity: Severity, tenant: string, camera: string) =>
    `alerts.${severity}.${token(tenant)}.${token(camera)}`,
  alertsOfCamera: (tenant: string, camera: string) => `alerts.*.${token(tenant)}.${token(camera)}`,
  alertsAll: 'alerts.*.*.*',
  alertChange: (tenant: string, camera: string) => `alert-changes.${token(tenant)}.${token(camera)}`,
  alertChangesAll: 'alert-changes.*.*',
  falsePositives: (tenant: string, camera: string) => `false-positives.${token(tenant)}.${token(camera)}`,
  falsePositivesOfTenant: (tenant: string) => `false-positives.${token(tenant)}.*`,
  falsePositivesAll: 'false-positives.*.*',
  agentPolicy: (type: string) => `agent-policies.${token(type)}`,
  agentPoliciesAll: 'agent-policies.*',
  taskTypePause: (name: string) => `task-type-pauses.${token(name)}`,
  taskTypePausesAll: 'task-type-pauses.*',
  instanceDrains: (type: string) => `instance-drains.${token(type)}`,
  instanceDrainsAll: 'instance-drains.*',
  partitionEpochs: 'partition-epochs.log',
  partitionEpochsAll: 'partition-epochs.*',
  planTemplate: (tenant: string, name: string, version: number) =>
    `plan-templates.${token(tenant)}.${token(name)}.${version}`,
  planTemplatesOf: (tenant: string, name: string) => `plan-templates.${token(tenant)}.${token(name)}.*`,
  planTemplatesAll: 'plan-templates.*.*.*',
  schedule: (tenant: string, name: string) => `schedules.${token(tenant)}.${token(name)}`,
  schedulesAll: 'schedules.*.*',
  submissionKey: (tenant: string, kind: SubmissionKeyKind, hash: string) =>
    `submission-keys.${token(tenant)}.${kind}.${token(hash)}`,
  submissionKeysAll: 'submission-keys.*.*.*',
  key: (id: string) => `keys.${token(id)}`,
  keysAll: 'keys.*',
  keyUse: (id: string) => `key-uses.${token(id)}`,
  keyUsesAll: 'key-uses.*',
  monitorReady: (taskId: string) => `monitors.${token(taskId)}.ready`,
  monitorStop: (taskId: string) => `monitors.${token(taskId)}.stop`,
  monitorSnapshot: (taskId: string) => `monitors.${token(taskId)}.snapshot`,
} as const

/** Which step, and which type of agent runs it for whom. */
export interface StepAddress {
  readonly tenant: string
  readonly agent: string
  readonly taskId: string
  readonly stepId: string
}

/** Header of a message under `dead.<agent>`: why it was given up, for people. */
export const DEAD_REASON_HEADER = 'Murmur-Reason'
/** And the code of its last error. */
export const DEAD_CODE_HEADER = 'Murmur-Code'

/** JetStream tells here that a message was delivered as often as its consumer allows, and is given up. */
export const MAX_DELIVERIES_ADVISORY = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.STEPS.*'

export const PRIORITIES: readonly Priority[] = [0, 1, 2, 3]

/** Message ids: publishing the same thing again is dropped by the server's deduplication window. */
export const MESSAGE_IDS = {
  /** The same in every epoch: of two orchestrators that take the same submission for different epochs one is heard. */
  accepted: (taskId: string) => `${withoutRange(taskId)}:accepted`,
  cancelledByParent: (childId: string) => `${childId}:cancelled-by-parent`,
  /** A task that was held may begin: once. */
  released: (taskId: string) => `${taskId}:released`,
  /** It is cancelled because another one takes its key. */
  replaced: (taskId: string, by: string) => `${taskId}:replaced:${by}`,
  dispatch: (taskId: string, stepId: string, attempt: number) => `${taskId}:${stepId}:${attempt}`,
  /** Of the message. `sinceMs`: when the task was accepted, or the log was set back after that: what was sent before counts no more. */
  dispatched: (dispatchId: string, sinceMs: number) => `${dispatchId}:${sinceMs}`,
  /**
   * The same for one run however often it is published, and another one for another run: a broker that was set back may have lost
   * what the first one was about, and must not take the second for it. Without a run: of an attempt that nobody has answered.
   */
  result: (
    taskId: string,
    stepId: string,
    attempt: number,
    run?: { instance: string; startedAtMs: number },
  ) => `${taskId}:${stepId}:${attempt}:result${run ? `:${run.instance}:${run.startedAtMs}` : ''}`,
  /** Of a batch, by its first result's own id: the result of a run is sent in one batch, and after that alone. */
  results: (first: string, count: number) => `${first}+${count - 1}`,
  /** A start is told once for each time that the broker handed the attempt to the process, and again when others join it there. */
  started: (dispatchId: string, bornAtMs: number, about: { deliveries: number; alone: boolean }) =>
    `${dispatchId}:started:${bornAtMs}:${about.deliveries}${about.alone ? ':alone' : ''}`,
  /** The death of one process under an attempt. */
  crashed: (dispatchId: string, bornAtMs: number) => `${dispatchId}:crashed:${bornAtMs}`,
  /** An attempt that was taken from the queue of an instance: by its place there. */
  handedBack: (dispatchId: string, seq: number) => `${dispatchId}:from:${seq}`,
  buried: (dispatchId: string) => `${dispatchId}:dead`,
  /** A message of the log that was passed over; `index`: one result of a batch. */
  discarded: ({ seq, storedAtMs, index }: { seq: number; storedAtMs: number; index?: number }) =>
    `log:${seq}:${storedAtMs}${index === undefined ? '' : `:${index}`}:dead`,
  /** That a letter became this task. */
  deadMark: (seq: number, taskId: string) => `dead:${seq}:${taskId}`,
  /** The result of an attempt that could not be handed to its queue. */
  undispatched: (taskId: string, stepId: string, attempt: number) =>
    `${taskId}:${stepId}:${attempt}:undispatched`,
  /** Once in five seconds: one that was told too early to count can be told again. */
  timer: (taskId: string, dueMs: number, nowMs: number) =>
    `${taskId}:timer:${dueMs}:${Math.floor(nowMs / 5000)}`,
  cameraEvent: (eventId: string) => `event:${eventId}`,
  alert: (alertId: string) => `alert:${alertId}`,
  alertChange: (alertId: string, change: string) => `alert:${alertId}:${change}`,
} as const

/** A message of the log by its subject. `agent`: the type that gave a result, as far as its subject says so. */
export interface LogAddress {
  partition: number
  kind: LogKind
  agent?: string
}

/** Takes `log.7.accepted` or `log.7.result.ingest` apart; undefined when it is none. */
export function parseLogSubject(subject: string): LogAddress | undefined {
  const [root, partition, kind, agent, more] = subject.split('.')
  if (root !== 'log' || more !== undefined || !partition || !/^\d{1,4}$/.test(partition)) return undefined
  if (!LOG_KINDS.includes(kind as LogKind)) return undefined
  const address = { partition: Number(partition), kind: kind as LogKind }
  if (agent === undefined) return address
  return kind === 'result' && TOKEN_PATTERN.test(agent) ? { ...address, agent } : undefined
}

/** Takes `steps.ingest.any.1` apart; undefined when it is no queue. */
export function parseStepSubject(subject: string): { agent: string } | undefined {
  const [root, agent] = subject.split('.')
  return root === 'steps' && agent !== undefined && TOKEN_PATTERN.test(agent) ? { agent } : undefined
}

/** Takes `steps.ingest.at.3` apart; undefined when it is no queue of an instance. */
export function parseStepAtSubject(subject: string): { agent: string; queue: number } | undefined {
  const [root, agent, at, queue, more] = subject.split('.')
  if (root !== 'steps' || at !== 'at' || agent === undefined || more !== undefined) return undefined
  return /^\d{1,3}$/.test(queue ?? '') ? { agent, queue: Number(queue) } : undefined
}

/**
 * The kind of `log.<partition>.<kind>`, also one that only a later version knows; undefined for everything else, results by agent
 * type among it.
 */
export function logKindOf(subject: string): string | undefined {
  const [root, partition, kind, more] = subject.split('.')
  return root === 'log' && partition !== undefined && more === undefined ? kind : undefined
}

/** Takes `tasks.events.plan.kq3v9x.completed` apart; undefined when it is none. The kind may be one that only a later version knows. */
export function parseTaskEventSubject(
  subject: string,
): { type: string; taskId: string; kind: string } | undefined {
  const [root, events, type, taskId, kind, more] = subject.split('.')
  if (root !== 'tasks' || events !== 'events' || more !== undefined) return undefined
  return type !== undefined && taskId !== undefined && kind !== undefined ? { type, taskId, kind } : undefined
}

/** Takes `chunks.default.writer.kq3v9x.write` apart; undefined when it is none. */
export function parseChunksSubject(subject: string): StepAddress | undefined {
  const [root, tenant, agent, taskId, stepId, more] = subject.split('.')
  if (root !== 'chunks' || more !== undefined) return undefined
  return tenant && agent && taskId && stepId
    ? { tenant, agent, taskId, stepId: stepId.replace(RUN_SEPARATOR, '.') }
    : undefined
}

/** Takes `agents.heartbeat.ingest.ingest-4f1a` apart; undefined when it is none. */
export function parseHeartbeatSubject(subject: string): { type: string; instance: string } | undefined {
  const [root, heartbeat, type, instance, more] = subject.split('.')
  if (root !== 'agents' || heartbeat !== 'heartbeat' || more !== undefined) return undefined
  return type !== undefined && instance !== undefined ? { type, instance } : undefined
}

/** The last token: `report` of `tasks.submit.report`. */
export function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1)
}

/** Instead of the dot in the id of a run, which would be the end of a token. */
const RUN_SEPARATOR = '~'

/** The id of a run as one token: `resize.17` is `resize~17`. @throws TypeError for what would change the shape of a subject */
function runToken(runId: string): string {
  const [stepId, part] = String(runId).split('.', 2) as [string, string?]
  return part === undefined ? token(stepId) : `${token(stepId)}${RUN_SEPARATOR}${token(part)}`
}

/** @throws TypeError for what would change the shape of a subject */
export function token(value: string): string {
  if (!TOKEN_PATTERN.test(value)) throw new TypeError(`"${value}" is no subject token`)
  return value
}
