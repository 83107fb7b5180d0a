import { OWN_QUEUES } from '#schemas/agent.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { kindOfAgent } from '#schemas/site.ts'
import { INBOX_OF_ACCOUNTS, INBOX_OF_ANYBODY, INBOX_WITHOUT_USER, inboxPrefixOf } from './inboxes.ts'
import { api, BUCKET, nextOf } from './jetstream-api.ts'
import {
  LOOK_AT_BUCKET,
  PUT_OBJECTS,
  READ_ALL_OBJECTS,
  READ_OBJECTS,
  TIDY_OBJECTS,
} from './object-permissions.ts'
import {
  type Catalogue,
  clientServices,
  natsOperations,
  OPERATIONS,
  SERVICES,
  TENANT_SERVICES,
} from './operations.ts'
import { BACKUP, LIVE_EVENTS, OPERATOR } from './operator-permissions.ts'
import {
  follow,
  JETSTREAM,
  type Permission,
  type Permissions,
  QUEUE_WANTED,
  services,
  settle,
  watchChunks,
} from './permission.ts'
import { siteRole } from './site-permissions.ts'
import { FRAMES_STREAM, INTAKE_CONSUMER, ownQueueConsumer, STREAMS } from './streams.ts'
import { MAX_DELIVERIES_ADVISORY, PRIORITIES, SUBJECTS, token } from './subjects.ts'
import { videoExtras } from './video-permissions.ts'

export type { Permission, Permissions } from './permission.ts'

/** Who a user of NATS is. A process that runs several agents has several roles. */
export type Role =
  | { readonly kind: 'orchestrator' | 'edge' | 'operator' | 'backup' | 'detector' | 'any-agent' }
  | { readonly kind: 'agent'; readonly type: string }
  | { readonly kind: 'client'; readonly tenant: string }
  /** The server of a site, as a leaf of the centre; `agents`: the types that run there. */
  | { readonly kind: 'site'; readonly site: string; readonly agents: readonly string[] }

/** Everything that a user in these roles may say and hear, each line with its reason; all else is refused. Pure. */
export function permissionsOf(
  user: string,
  roles: readonly Role[],
  catalogue: Catalogue = OPERATIONS,
): Permissions {
  const all = roles.map((role) => permissionsOfRole(role, catalogue))
  const inbox = {
    subject: `${inboxPrefixOf(user)}.>`,
    why: 'answers to what it asks; nobody else may listen there',
  }
  return {
    publish: distinct(all.flatMap(({ publish }) => publish)),
    subscribe: distinct([inbox, ...all.flatMap(({ subscribe }) => subscribe)]),
    answers: all.some(({ answers }) => answers),
  }
}

/** Who connects to local mode without a password: like whoever comes to its edge, a client of `default` who may look around. */
export function guestPermissions(): Permissions {
  const { publish, subscribe } = clientRole(DEFAULT_TENANT, OPERATIONS)
  const looks = [
    ...[SERVICES.listAgents, SERVICES.listQueues, SERVICES.listStorage],
    ...[SERVICES.getStatus, SERVICES.detectionInfo, SERVICES.detectionModels],
  ]
  return {
    publish: [
      ...publish,
      ...looks.map((service) => ({ subject: service, why: 'looks around, on a machine of its own' })),
      { subject: '$SRV.>', why: 'discovers services, as `nats micro` does' },
    ],
    subscribe: [
      { subject: `${INBOX_WITHOUT_USER}.>`, why: 'answers; shared by all who have no user of their own' },
      ...subscribe,
      ...LIVE_EVENTS,
    ],
  }
}

function permissionsOfRole(role: Role, catalogue: Catalogue): Permissions {
  switch (role.kind) {
    case 'orchestrator':
      return orchestratorRole(catalogue)
    case 'edge':
      return edgeRole(catalogue)
    case 'operator':
      return OPERATOR
    case 'backup':
      return BACKUP
    case 'detector':
      return detectorRole(catalogue)
    case 'any-agent':
      return agentRole('*', catalogue)
    case 'agent':
      return agentRole(role.type, catalogue)
    case 'client':
      return clientRole(role.tenant, catalogue)
    case 'site':
      return siteRole(role.site, role.agents, (type) => agentRole(type, catalogue))
  }
}

const ANSWER_ALL: readonly Permission[] = [
  { subject: `${INBOX_OF_ANYBODY}.>`, why: 'answers requests of all users' },
  { subject: `${INBOX_WITHOUT_USER}.>`, why: 'answers requests of those who have no prefix of their own' },
  { subject: `${INBOX_OF_ACCOUNTS}.>`, why: 'answers requests that came from other accounts' },
]

const orchestratorRole = (catalogue: Catalogue): Permissions => ({
  publish: [
    JETSTREAM,
    {
      subject: api('STREAM.CREATE.*'),
      why: 'makes the streams, the bucket and, after a restart, the stream of frames',
    },
    {
      subject: api('STREAM.UPDATE.*'),
      why: 'brings streams of an earlier version to what is asked; nobody may delete one',
    },
    { subject: api('STREAM.INFO.*'), why: 'compares what is there with what is asked' },
    { subject: api('CONSUMER.CREATE.>'), why: 'makes queues, and reads its partitions of the log' },
    { subject: api('CONSUMER.DURABLE.CREATE.>'), why: 'makes queues on servers before 2.9' },
    { subject: api('CONSUMER.INFO.*.*'), why: 'depths of queues, and whether an agent type is known' },
    { subject: api(`CONSUMER.DELETE.${STREAMS.log.name}.*`), why: 'ends its own readers of the log' },
    { subject: nextOf(STREAMS.log.name, '*'), why: 'reads its partitions of the log' },
    { subject: nextOf(STREAMS.policies.name, '*'), why: 'reads how agent types are dispatched' },
    { subject: api(`CONSUMER.DELETE.${STREAMS.policies.name}.*`), why: 'ends its own readers of that' },
    { subject: api(`STREAM.MSG.GET.${STREAMS.policies.name}`), why: 'finds the end of that' },
    { subject: SUBJECTS.agentPoliciesAll, why: 'keeps how agent types are dispatched' },
    { subject: SUBJECTS.taskTypePausesAll, why: 'keeps which types of tasks are paused' },
    { subject: SUBJECTS.instanceDrainsAll, why: 'keeps which instances of agents are drained' },
    { subject: SUBJECTS.cordonAll, why: 'tells instances whether they may take new steps' },
    { subject: SUBJECTS.partitionEpochsAll, why: 'keeps which partitions the log has' },
    ...follow(STREAMS.templates.name, 'reads plan templates'),
    { subject: SUBJECTS.planTemplatesAll, why: 'keeps plan templates' },
    { subject: nextOf(STREAMS.schedules.name, '*'), why: 'reads schedules' },
    { subject: api(`CONSUMER.DELETE.${STREAMS.schedules.name}.*`), why: 'ends its own readers of them' },
    {
      subject: api(`STREAM.MSG.GET.${STREAMS.schedules.name}`),
      why: 'reads one that somebody else has changed',
    },
    {
      subject: api(`STREAM.MSG.DELETE.${STREAMS.schedules.name}`),
      why: 'takes away what is left of deleted ones',
    },
    { subject: SUBJECTS.schedulesAll, why: 'keeps schedules' },
    ...follow(STREAMS.submissionKeys.name, 'reads keys of submissions'),
    { subject: api(`STREAM.MSG.DELETE.${STREAMS.submissionKeys.name}`), why: 'forgets those that rest' },
    { subject: SUBJECTS.submissionKeysAll, why: 'keeps keys of submissions' },
    { subject: nextOf(INTAKE_CONSUMER.stream, INTAKE_CONSUMER.name), why: 'takes submissions in' },
    ...settle(INTAKE_CONSUMER.stream, INTAKE_CONSUMER.name),
    {
      subject: api(`STREAM.MSG.GET.${STREAMS.log.name}`),
      why: 'ends of partitions, and what was accepted under a key',
    },
    { subject: api(`STREAM.MSG.GET.${STREAMS.steps.name}`), why: 'reads a step that was given up' },
    { subject: api(`STREAM.MSG.GET.${STREAMS.dead.name}`), why: 'shows what was given up' },
    { subject: api(`STREAM.MSG.GET.${STREAMS.intake.name}`), why: 'looks for a submission that still waits' },
    {
      subject: api(`STREAM.MSG.DELETE.${STREAMS.steps.name}`),
      why: 'takes a step that was given up out of its queue',
    },
    {
      subject: api(`STREAM.MSG.DELETE.${STREAMS.dead.name}`),
      why: 'purges what was given up, when an operator says so',
    },
    { subject: api(`STREAM.PURGE.${STREAMS.log.name}`), why: 'purges what checkpoints have made needless' },
    ...follow(STREAMS.checkpoints.name, 'reads checkpoints'),
    {
      subject: api(`STREAM.PURGE.${STREAMS.checkpoints.name}`),
      why: 'takes away checkpoints of tasks that have ended',
    },
    { subject: SUBJECTS.checkpointsAll, why: 'keeps states of tasks that live for long' },
    { subject: SUBJECTS.horizonsAll, why: 'keeps up to where the log is needed no more' },
    { subject: 'log.>', why: 'writes what happens to tasks' },
    { subject: SUBJECTS.stepsAll, why: 'dispatches steps' },
    { subject: SUBJECTS.deadAll, why: 'keeps steps that crash whoever takes them' },
    { subject: SUBJECTS.deadMarksAll, why: 'marks those that were replayed' },
    { subject: SUBJECTS.eventsAll, why: 'tells watchers what happens to tasks' },
    { subject: SUBJECTS.rejectedAll, why: 'tells what the intake refused' },
    { subject: SUBJECTS.breakersAll, why: 'tells which circuit breakers open and close' },
    { subject: SUBJECTS.places, why: 'tells whom it refused and told to come back' },
    { subject: SUBJECTS.storageAll, why: 'tells which marks of storage are crossed' },
    { subject: SUBJECTS.cameraEventsAll, why: 'tells alerting of cameras that nobody watches any more' },
    ...ANSWER_ALL,
    ...READ_OBJECTS,
    ...READ_ALL_OBJECTS,
    ...PUT_OBJECTS,
    TIDY_OBJECTS,
    ...follow(BUCKET.stream, 'counts what each tenant has in the object store'),
  ],
  subscribe: [
    ...services('orchestrator', catalogue),
    { subject: SUBJECTS.heartbeatAll, why: 'keeps the registry of agents' },
    { subject: SUBJECTS.siteHeartbeatAll, why: 'knows which sites it hears' },
    { subject: SUBJECTS.detectorHeartbeatAll, why: 'knows which detectors there are, and how they do' },
    { subject: SUBJECTS.cameraStateAll, why: 'knows how cameras are, and which are not heard any more' },
    { subject: SUBJECTS.submitAll, why: 'hears of message ids that are used twice with different bodies' },
    { subject: MAX_DELIVERIES_ADVISORY, why: 'hears of steps that the server gave up' },
    { subject: SUBJECTS.places, why: 'hears whom other orchestrators told to come back' },
  ],
})

const edgeRole = (catalogue: Catalogue): Permissions => ({
  publish: [
    JETSTREAM,
    ...natsOperations(catalogue)
      // What has no scope of its own is a part of something that has: the bytes of a clip.
      .filter(({ scope, per }) => scope !== undefined || per === 'tenant')
      .map(({ subject }) => ({ subject, why: 'passes on what clients of the tenant default ask' })),
    { subject: SERVICES.listQueues, why: 'tells how the whole system does' },
    { subject: SERVICES.listStorage, why: 'tells how full everything is' },
    { subject: SERVICES.reserveUpload, why: 'asks for room for an upload' },
    { subject: SERVICES.keepUpload, why: 'says that an upload is stored' },
    { subject: SERVICES.releaseUpload, why: 'says that an upload has failed' },
    { subject: SERVICES.readClip, why: 'sends clips of recordings' },
    ...clientServices(catalogue).map((service) => ({
      subject: TENANT_SERVICES.all(service),
      why: 'passes on what clients of other tenants ask: it has checked who they are',
    })),
    { subject: SUBJECTS.keysAll, why: 'keeps API keys' },
    { subject: SUBJECTS.keyUsesAll, why: 'keeps when they were used last' },
    ...follow(STREAMS.keys.name, 'reads API keys as they change'),
    ...follow(STREAMS.keyUses.name, 'reads when they were used last'),
    ...follow(STREAMS.alerts.name, 'reads alerts for those who watch'),
    { subject: 'monitors.*.stop', why: 'ends a monitor in order' },
    { subject: 'monitors.*.snapshot', why: 'shows what a camera sees' },
    ...watchChunks('*').publish,
    ...ANSWER_ALL,
    ...READ_OBJECTS,
    ...READ_ALL_OBJECTS,
    ...PUT_OBJECTS,
    LOOK_AT_BUCKET,
    TIDY_OBJECTS,
  ],
  subscribe: [
    ...services('edge', catalogue),
    { subject: SUBJECTS.eventsAll, why: 'live events, for those who watch' },
    ...watchChunks('*').subscribe,
    { subject: SUBJECTS.rejectedAll, why: 'refused submissions, for those who ask' },
    { subject: SUBJECTS.alertsAll, why: 'live alerts, for those who watch' },
    { subject: SUBJECTS.alertChangesAll, why: 'what becomes of them' },
    { subject: SUBJECTS.heartbeatAll, why: 'how agents are, for those who watch' },
    { subject: SUBJECTS.cameraStateAll, why: 'how cameras are, for those who watch' },
    { subject: SUBJECTS.tracksAll, why: 'what cameras see, for those who watch' },
  ],
})

const detectorRole = (catalogue: Catalogue): Permissions => ({
  answers: true,
  publish: [
    QUEUE_WANTED,
    { subject: nextOf(FRAMES_STREAM.name, '*'), why: 'takes frames: those of the models that it runs' },
    { subject: SUBJECTS.detectionsAll, why: 'tells what it saw', isTold: true },
    { subject: SUBJECTS.detectorHeartbeatAll, why: 'says every second how it does', isTold: true },
  ],
  subscribe: [
    ...services('detector', catalogue),
    { subject: SUBJECTS.detectionModelAll, why: 'says how a model is that somebody needs', isServed: true },
  ],
})

/** An orchestrator reads and writes objects for agents, and looks at the step first. */
const STEP_OBJECTS = [
  { service: SERVICES.findObject, why: 'looks an object up for one of its steps' },
  { service: SERVICES.readObjectPiece, why: 'reads its pieces, one by one' },
  { service: SERVICES.writeObjectPiece, why: 'stores the pieces of an object of one of its steps' },
  { service: SERVICES.finishObject, why: 'makes an object of them' },
] as const

/** Those of the type, and those that its instances may be given. */
function queuesOf(type: string): string[] {
  const own = Array.from({ length: OWN_QUEUES }, (_, queue) => ownQueueConsumer(type, queue).name)
  return [...PRIORITIES.map((priority) => `${type}-p${priority}`), ...own]
}

/** An agent type, or `*` for all of them: on a machine of one's own, where nobody knows beforehand what runs. */
function agentRole(type: string, catalogue: Catalogue): Permissions {
  const queues = type === '*' ? ['*'] : queuesOf(type)
  const extra = videoExtras(catalogue)[kindOfAgent(type)]
  return {
    answers: true,
    publish: [
      { subject: SERVICES.registerAgent, why: 'makes itself known' },
      {
        subject: `${SERVICES.startSteps}.${type}`,
        why: 'asks whether it may run a step, and says that it does',
      },
      { subject: `${SERVICES.releaseSteps}.${type}`, why: 'hands steps back when it stops' },
      ...[SERVICES.acquireLock, SERVICES.renewLock, SERVICES.releaseLock].map((service) => ({
        subject: `${service}.${type}`,
        why: 'acquires, renews and gives back locks for its steps',
      })),
      ...STEP_OBJECTS.map(({ service, why }) => ({ subject: `${service}.${type}`, why })),
      { subject: `agents.heartbeat.${type}.*`, why: 'says every second how it is' },
      ...queues.map((queue) => ({
        subject: nextOf(STREAMS.steps.name, queue),
        why: 'takes steps of its own type',
      })),
      ...queues.flatMap((queue) => settle(STREAMS.steps.name, queue)),
      { subject: `log.*.result.${type}`, why: 'results of steps of its own type' },
      { subject: 'tasks.events.*.*.progress', why: 'tells watchers how far it is', isTold: true },
      { subject: `chunks.*.${type}.*.*`, why: 'tells watchers what its steps emit', isTold: true },
      { subject: `dead.${type}`, why: 'keeps steps that crash it' },
      ...(extra?.publish ?? []),
    ],
    subscribe: [
      {
        subject: `chunk-replay.*.${type}.*.*.*`,
        why: 'tells those who watch late what its steps have emitted',
        isServed: true,
      },
      { subject: `agents.cordon.${type}.*`, why: 'hears whether it may take new steps' },
      { subject: SUBJECTS.eventsOfKind('cancelled'), why: 'ends work that has become pointless' },
      { subject: SUBJECTS.eventsOfKind('failed'), why: 'ends work that has become pointless' },
      ...(extra?.subscribe ?? []),
    ],
  }
}

/** What a client of one tenant may do on NATS. Objects go through the edge, which knows whose they are. */
function clientRole(tenant: string, catalogue: Catalogue): Permissions {
  const isDefault = tenant === DEFAULT_TENANT
  return {
    publish: [
      ...clientServices(catalogue).map((service) => ({
        subject: TENANT_SERVICES.of(tenant, service),
        why: 'asks for its own tenant, which the subject names',
      })),
      ...(isDefault
        ? [{ subject: SUBJECTS.submitAll, why: 'the durable queue, which works for the tenant default' }]
        : []),
      ...watchChunks(token(tenant)).publish,
    ],
    subscribe: [
      ...(isDefault ? [{ subject: SUBJECTS.rejectedAll, why: 'what the durable queue refused' }] : []),
      ...watchChunks(token(tenant)).subscribe,
    ],
  }
}

function distinct(permissions: readonly Permission[]): Permission[] {
  return [...new Map(permissions.map((permission) => [permission.subject, permission])).values()]
}
