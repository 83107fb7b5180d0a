import { ALERT_SINKS } from '#schemas/agent.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { LIMITS } from '#schemas/limits.ts'
import { modelToken } from './model-token.ts'
import { hours, minutes, type StreamSpec } from './stream-spec.ts'
import { PRIORITIES, SUBJECTS } from './subjects.ts'

export type { StreamSpec } from './stream-spec.ts'

/** The topology, each limit with its reason. */
export const STREAMS: Record<
  | 'intake'
  | 'log'
  | 'checkpoints'
  | 'steps'
  | 'dead'
  | 'cameraEvents'
  | 'alerts'
  | 'keys'
  | 'keyUses'
  | 'policies'
  | 'templates'
  | 'schedules'
  | 'submissionKeys',
  StreamSpec
> = {
  intake: {
    name: 'INTAKE',
    subjects: [SUBJECTS.submitAll],
    retention: 'workqueue',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0.05,
    // The shortest that servers take: a second body under an id has to reach the intake, which knows ids for much longer.
    duplicateWindowMs: 100,
    why: 'Submissions that wait for an orchestrator. When it is full, publishers are told (discard new); nothing accepted is dropped. Message size is checked by the intake, which answers with a reason; a limit here would be silent.',
  },
  log: {
    name: 'LOG',
    subjects: [SUBJECTS.logKinds, SUBJECTS.resultsAll],
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    maxAgeMs: hours(24 * 7),
    storageShare: 0.35,
    duplicateWindowMs: minutes(2),
    why: 'The truth. What checkpoints make needless is purged; without them it is kept for 7 days, so that a flushed Redis can be rebuilt: all tasks that were accepted since. Discard new: running out of space must refuse work, never forget it; new tasks are refused long before, so that results and timers always find room.',
  },
  checkpoints: {
    name: 'CHECKPOINTS',
    subjects: [SUBJECTS.checkpointsAll, SUBJECTS.horizonsAll],
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0,
    maxBytes: 512 * 1024 * 1024,
    maxPerSubject: 2,
    duplicateWindowMs: minutes(2),
    why: 'States of tasks that live longer than the log is kept, and up to where each partition needs the log no more. The last two of each: a writer that was cut short, or came too late, takes nothing away that is needed. 512 MiB are 125,000 usual tasks (2 KiB, twice). When it is full, the log is purged no further: nothing is lost.',
  },
  steps: {
    name: 'STEPS',
    subjects: [SUBJECTS.stepsAll],
    retention: 'workqueue',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0.15,
    fullQueues: 5,
    duplicateWindowMs: minutes(2),
    why: 'Work for agents; a message leaves when it is acknowledged. Dispatching again within two minutes of a crash is dropped by its message id. Each queue (agent type and priority) has room of its own, so that one that nobody works on stops no other: inputs above 32 KiB travel by reference, so a queue takes 9,830 × 32 KiB = 307 MiB of 1.5 GiB at worst (with 10 GiB of storage), and five that are full of the largest messages fit; of usual ones, of 1 KiB, more than a hundred. What finds no room waits in the state of its task.',
  },
  dead: {
    name: 'DEAD',
    subjects: [SUBJECTS.deadAll, SUBJECTS.deadMarksAll],
    retention: 'limits',
    discard: 'old',
    storage: 'file',
    maxAgeMs: hours(24 * 30),
    storageShare: 0.05,
    duplicateWindowMs: minutes(2),
    why: 'Poison messages, for people to look at. Old ones may go.',
  },
  cameraEvents: {
    name: 'CAMERA_EVENTS',
    subjects: [SUBJECTS.cameraEventsAll],
    retention: 'workqueue',
    discard: 'new',
    storage: 'file',
    maxAgeMs: hours(24),
    storageShare: 0.02,
    duplicateWindowMs: minutes(2),
    why: 'Rules that came true, until alerting has dealt with them. What nobody took for a day is no alarm any more.',
  },
  alerts: {
    name: 'ALERTS',
    subjects: [SUBJECTS.alertsAll, SUBJECTS.alertChangesAll],
    retention: 'limits',
    discard: 'old',
    storage: 'file',
    maxAgeMs: hours(24 * 30),
    storageShare: 0.03,
    duplicateWindowMs: minutes(2),
    why: 'What was raised and what became of it: sinks read it in order, and the history in Redis can be made again from it.',
  },
  keys: {
    name: 'KEYS',
    subjects: [SUBJECTS.keysAll],
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0,
    maxBytes: 48 * 1024 * 1024,
    maxPerSubject: 1,
    duplicateWindowMs: minutes(2),
    why: 'API keys, hashed, the last state of each. In the log and not in Redis: a flushed Redis must not lock clients out, and every edge hears of a revocation at once.',
  },
  keyUses: {
    name: 'KEY_USES',
    subjects: [SUBJECTS.keyUsesAll],
    retention: 'limits',
    discard: 'old',
    storage: 'file',
    maxAgeMs: hours(24 * 400),
    storageShare: 0,
    maxBytes: 16 * 1024 * 1024,
    maxPerSubject: 1,
    duplicateWindowMs: minutes(2),
    why: 'When each API key was used last, written at most every five minutes by each edge: 16 MiB are 60,000 keys. Beside the keys, so that what is written often can neither fill their stream nor stand behind a revocation.',
  },
  policies: {
    name: 'POLICIES',
    subjects: [
      SUBJECTS.agentPoliciesAll,
      SUBJECTS.taskTypePausesAll,
      SUBJECTS.instanceDrainsAll,
      SUBJECTS.partitionEpochsAll,
      SUBJECTS.falsePositivesAll,
    ],
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0,
    maxBytes: 16 * 1024 * 1024,
    maxPerSubject: 1,
    duplicateWindowMs: minutes(2),
    why: 'How agent types are dispatched, which instances are drained, which partitions the log has, and what cameras take for something that it is not, the last state of each. In the log and not in Redis: a flushed Redis must not lift limits, and every orchestrator hears of a change at once.',
  },
  templates: {
    name: 'TEMPLATES',
    subjects: [SUBJECTS.planTemplatesAll],
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0,
    maxBytes: 64 * 1024 * 1024,
    maxPerSubject: 1,
    duplicateWindowMs: minutes(2),
    why: 'Plan templates, one message a version, or the mark that it was deleted. Never forgotten by themselves: 500 of the largest fit, and when it is full the next one is refused.',
  },
  schedules: {
    name: 'SCHEDULES',
    subjects: [SUBJECTS.schedulesAll],
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0,
    maxBytes: 64 * 1024 * 1024,
    maxPerSubject: 1,
    duplicateWindowMs: minutes(2),
    why: 'Schedules with how far they are, the last state of each: 64 MiB are 1,400 of the largest ones (32 KiB of definition, and what runs of it), 40,000 usual ones. Each change names the one before it, so of two orchestrators that decide the same one is refused. In the log and not in Redis: a flushed Redis must neither forget a schedule nor run one twice.',
  },
  submissionKeys: {
    name: 'SUBMISSION_KEYS',
    subjects: [SUBJECTS.submissionKeysAll],
    retention: 'limits',
    discard: 'new',
    storage: 'file',
    maxAgeMs: 0,
    storageShare: 0,
    maxBytes: 128 * 1024 * 1024,
    maxPerSubject: 1,
    duplicateWindowMs: minutes(2),
    why: 'Who has a key of singleton or debounce, the last state of each: 128 MiB are 400 of the largest tasks that wait for more submissions, and 20,000 keys of tasks that run. Each change names the one before it, so of two orchestrators that decide about one key at the same time one is refused, and decides again. In the log and not in Redis: a flushed Redis must not let a second task run. When it is full, new keys are refused.',
  },
}

/**
 * The latest frames of every camera. Made by the services that need it, because a server that starts again has forgotten
 * what was only in memory.
 */
export const FRAMES_STREAM: StreamSpec = {
  name: 'FRAMES',
  subjects: [SUBJECTS.framesAll, SUBJECTS.framesOfModelAll('*')],
  retention: 'limits',
  discard: 'old',
  storage: 'memory',
  maxAgeMs: 3000,
  storageShare: 0,
  maxBytes: 256 * 1024 * 1024,
  maxPerSubject: 8,
  duplicateWindowMs: 1000,
  why: 'The latest frame wins: whoever is slow finds the newest few, never a queue. Eight a camera, so that a clip read completely can be ahead of the network by a batch.',
}

/** What the detectors of a model share; without one: frames that name none, as captures of a release before send them. */
export function framesConsumer(model?: string) {
  const { name: stream } = FRAMES_STREAM
  if (model === undefined) return { stream, name: 'detectors', filterSubject: SUBJECTS.framesAll }
  return { stream, name: `detectors-${modelToken(model)}`, filterSubject: SUBJECTS.framesOfModelAll(model) }
}

/** A durable pull consumer with explicit acknowledgement. */
export interface ConsumerSpec {
  stream: string
  name: string
  filterSubject: string
  /** After so long without an answer a message is given to somebody else. Milliseconds. */
  ackWaitMs: number
  /** Deliveries of one message, at most; -1: no limit. */
  maxDeliver: number
  /** Messages in the hands of all instances together, at most. */
  maxAckPending: number
  /** What it begins with when it is made: all that is there (by default), or what comes from then on. */
  begins?: 'all' | 'new'
}

/** A step comes back 4 s after its agent died: with heartbeats every second, work goes on well within 10 s. */
export const STEP_ACK_WAIT_MS = 4000
/** Until the runner asks before it starts what came again. */
export const STEP_MAX_RUNS = 5
/**
 * A last resort: what was handed out so often without an answer is taken out of its queue, and its step tried again by its policy.
 * It says nothing of the step: handing back, a full instance and a restart count as deliveries too.
 */
export const STEP_MAX_DELIVER = 50

/** The queues of an agent type: one consumer a priority, shared by all instances. */
export function stepConsumers(agent: string): ConsumerSpec[] {
  return PRIORITIES.map((priority) => ({
    stream: STREAMS.steps.name,
    name: `${agent}-p${priority}`,
    filterSubject: SUBJECTS.step(agent, priority),
    ackWaitMs: STEP_ACK_WAIT_MS,
    maxDeliver: STEP_MAX_DELIVER,
    maxAckPending: 20_000,
  }))
}

/**
 * The queue of one instance, which has it while it lives; then another one may get it. They are numbered and not named: the server
 * lets a user name consumers one by one only, and instances have random names, which would leave consumers behind.
 */
export function ownQueueConsumer(agent: string, queue: number): ConsumerSpec {
  return {
    stream: STREAMS.steps.name,
    name: `${agent}-at${queue}`,
    filterSubject: SUBJECTS.stepAt(agent, queue),
    ackWaitMs: STEP_ACK_WAIT_MS,
    maxDeliver: STEP_MAX_DELIVER,
    maxAckPending: 20_000,
  }
}

/** The intake's queue, shared by all orchestrators. */
export const INTAKE_CONSUMER: ConsumerSpec = {
  stream: STREAMS.intake.name,
  name: 'intake',
  filterSubject: SUBJECTS.submitAll,
  ackWaitMs: 5000,
  maxDeliver: -1,
  maxAckPending: 20_000,
}

/** What alerting has to deal with, shared by its instances. */
export const CAMERA_EVENTS_CONSUMER: ConsumerSpec = {
  stream: STREAMS.cameraEvents.name,
  name: 'alerting',
  filterSubject: SUBJECTS.cameraEventsAll,
  ackWaitMs: 4000,
  maxDeliver: -1,
  maxAckPending: 5000,
}

export { ALERT_SINKS }
export type AlertSinkName = (typeof ALERT_SINKS)[number]

/**
 * The queue of one sink, shared by all instances: a slow sink holds up nobody else. It begins with what is new, because
 * nobody wants the alerts of a month when a sink is first switched on.
 */
export function alertSinkConsumer(sink: AlertSinkName): ConsumerSpec {
  return {
    stream: STREAMS.alerts.name,
    name: `sink-${sink}`,
    // What is raised, and what becomes of it: a sink that opens something closes it too.
    filterSubject: '>',
    ackWaitMs: 30_000,
    maxDeliver: -1,
    maxAckPending: 1000,
    begins: 'new',
  }
}

/** The object store that payloads and artefacts go to. */
export const BLOB_BUCKET = {
  name: 'MURMUR_BLOBS',
  /** Objects go when nobody needs them; this is for what was put there past the platform. Longer than a task lives that is paused. */
  maxAgeMs: hours(24 * 90),
  storageShare: 0.35,
  /** How far new tasks and large uploads may fill it. Above it, only what accepted tasks put there. */
  newWorkShare: 0.9,
  /** What one tenant may have where nobody says otherwise: the others still find as much below `newWorkShare`. */
  tenantShare: 0.45,
  tenantResultShare: 0.55, // of what its accepted tasks make: they are to end
} as const

/** What keys of a tenant's uploads begin with. */
export function uploadFolder(tenant: string): string {
  return tenant === DEFAULT_TENANT ? 'uploads' : `tenants/${tenant}/uploads`
}

/** The size limit of a stream or bucket. Bytes. */
export function streamBytes(spec: { storageShare: number }, storageBytes: number): number {
  return Math.floor(spec.storageShare * storageBytes)
}

/** Fewer would make a queue run dry between two looks of those who fill it. */
const SMALLEST_QUEUE = 128
/** More wait in a queue for no good: what waits in the state of its task can still be taken back. */
const LARGEST_QUEUE = 20_000

/** Messages that one queue of a stream may hold; undefined: its subjects are no queues. Pure. */
export function queueRoom(
  spec: Pick<StreamSpec, 'storageShare' | 'fullQueues'>,
  storageBytes: number,
): number | undefined {
  if (spec.fullQueues === undefined) return undefined
  const largest = streamBytes(spec, storageBytes) / spec.fullQueues / LIMITS.inlineInputBytes
  return Math.min(LARGEST_QUEUE, Math.max(SMALLEST_QUEUE, Math.floor(largest)))
}
