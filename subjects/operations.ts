import type { z } from 'zod'
import type { Scope } from '#schemas/api-key.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { AGENT_POLICY_OPERATIONS } from './operations/agent-policies.ts'
import { ALERT_CARE_OPERATIONS } from './operations/alert-care.ts'
import { BOOKMARK_OPERATIONS } from './operations/bookmarks.ts'
import { CONTROL_OPERATIONS } from './operations/controls.ts'
import { DEAD_LETTER_OPERATIONS } from './operations/dead-letters.ts'
import { FALSE_POSITIVE_OPERATIONS } from './operations/false-positives.ts'
import { INSTANCE_DRAIN_OPERATIONS } from './operations/instance-drains.ts'
import { INTEGRITY_OPERATIONS } from './operations/integrity.ts'
import { LOCK_OPERATIONS } from './operations/locks.ts'
import type { Answerer, MicroService } from './operations/micro-services.ts'
import { ALERT_OPERATIONS, MONITOR_OPERATIONS } from './operations/monitors.ts'
import { OBJECT_OPERATIONS, UPLOAD_OPERATIONS } from './operations/objects.ts'
import type { NatsOperation, Operation } from './operations/operation.ts'
import { PARTITION_OPERATIONS } from './operations/partitions.ts'
import { QUEUE_LOAD_OPERATIONS } from './operations/queue-loads.ts'
import { RECORDING_OPERATIONS } from './operations/recordings.ts'
import type { RestRoute } from './operations/rest-route.ts'
import { SCHEDULE_OPERATIONS } from './operations/schedules.ts'
import { STEP_OBJECT_OPERATIONS } from './operations/step-objects.ts'
import { OPERATOR_OPERATIONS, PROCESS_OPERATIONS, SYSTEM_OPERATIONS } from './operations/system.ts'
import { TASK_LOG_OPERATIONS } from './operations/task-log.ts'
import { TASK_TYPE_OPERATIONS } from './operations/task-type-pauses.ts'
import { TASK_OPERATIONS } from './operations/tasks.ts'
import { TEMPLATE_OPERATIONS } from './operations/templates.ts'
import { token } from './subjects.ts'

export {
  ALERTING,
  type Answerer,
  DETECTION,
  type MicroService,
  SERVICE_VERSION,
} from './operations/micro-services.ts'
export type { MessageSpec, NatsOperation, Operation } from './operations/operation.ts'
export type { RestRoute } from './operations/rest-route.ts'

/**
 * The API, one row an operation: its subject on NATS and who answers there, its messages, the scope it needs, its routes in REST
 * and its methods in gRPC. Permissions, service discovery, scopes, routes, documents and clients are made from it.
 */
export const OPERATIONS = {
  ...TASK_OPERATIONS,
  ...TASK_LOG_OPERATIONS,
  ...TEMPLATE_OPERATIONS,
  ...SCHEDULE_OPERATIONS,
  ...CONTROL_OPERATIONS,
  ...MONITOR_OPERATIONS,
  ...OBJECT_OPERATIONS,
  ...ALERT_OPERATIONS,
  ...ALERT_CARE_OPERATIONS,
  ...BOOKMARK_OPERATIONS,
  ...RECORDING_OPERATIONS,
  ...FALSE_POSITIVE_OPERATIONS,
  ...SYSTEM_OPERATIONS,
  ...AGENT_POLICY_OPERATIONS,
  ...INSTANCE_DRAIN_OPERATIONS,
  ...TASK_TYPE_OPERATIONS,
  ...QUEUE_LOAD_OPERATIONS,
  ...INTEGRITY_OPERATIONS,
  ...PARTITION_OPERATIONS,
  ...DEAD_LETTER_OPERATIONS,
  ...OPERATOR_OPERATIONS,
  ...PROCESS_OPERATIONS,
  ...LOCK_OPERATIONS,
  ...STEP_OBJECT_OPERATIONS,
  ...UPLOAD_OPERATIONS,
} as const

export type OperationName = keyof typeof OPERATIONS
/** Operations that are answered on NATS. */
export type NatsOperationName = {
  [Name in OperationName]: (typeof OPERATIONS)[Name] extends NatsOperation ? Name : never
}[OperationName]

/** Operations that clients may ask an edge for. */
export type EdgeOperationName = {
  [Name in OperationName]: (typeof OPERATIONS)[Name] extends { scope: Scope } ? Name : never
}[OperationName]

/** An operation that is answered on NATS: its name in the catalogue, or a row of its own. */
export type NatsOperationRef = NatsOperationName | NatsOperation
type Row<Ref extends NatsOperationRef> = Ref extends NatsOperationName ? (typeof OPERATIONS)[Ref] : Ref
type Schema<Ref extends NatsOperationRef, Side extends 'request' | 'response'> =
  Row<Ref> extends Record<Side, { readonly schema: infer Found extends z.ZodType }> ? Found : never
/** What a client says, before defaults are filled in; anything, where the handler checks it from its bytes on. */
export type RequestInput<Ref extends NatsOperationRef> =
  Row<Ref> extends { isRaw: true } ? unknown : z.input<Schema<Ref, 'request'>>
/** What the handler of an operation gets. */
export type RequestOf<Ref extends NatsOperationRef> =
  Row<Ref> extends { isRaw: true } ? Uint8Array : z.output<Schema<Ref, 'request'>>
/** What a handler answers, before defaults are filled in. */
export type ResponseInput<Ref extends NatsOperationRef> = z.input<Schema<Ref, 'response'>>
export type ResponseOf<Ref extends NatsOperationRef> = z.output<Schema<Ref, 'response'>>

/** Operations by their names: what permissions, routes and documents are made from. */
export type Catalogue = Readonly<Record<string, Operation>>

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]
export const NATS_OPERATION_NAMES = OPERATION_NAMES.filter((name): name is NatsOperationName =>
  isOnNats(OPERATIONS[name]),
)

/** A row without the types of its messages. */
export function operationOf(name: OperationName): Operation {
  return OPERATIONS[name]
}

/** The row of an operation that is answered on NATS, without the types of its messages. */
export function natsOperation(ref: NatsOperationRef): NatsOperation {
  return typeof ref === 'string' ? (OPERATIONS[ref] as NatsOperation) : ref
}

/** The rows of a catalogue that are answered on NATS. */
export function natsOperations(catalogue: Catalogue = OPERATIONS): NatsOperation[] {
  return Object.values(catalogue).filter(isOnNats)
}

function isOnNats(operation: Operation): operation is NatsOperation {
  return 'subject' in operation
}

/** The same, of one that clients may ask an edge for. */
export function edgeOperation(name: EdgeOperationName): Operation & { readonly scope: Scope } {
  return OPERATIONS[name]
}

export const EDGE_OPERATION_NAMES = OPERATION_NAMES.filter(
  (name): name is EdgeOperationName => operationOf(name).scope !== undefined,
)

/** A route of REST, with the operation that it asks for. */
export interface OperationRoute extends RestRoute {
  /** Its name in the catalogue. */
  readonly operation: string
  readonly operationId: string
  readonly summary: string
}

/** Every route of REST. */
export function restRoutes(catalogue: Catalogue = OPERATIONS): OperationRoute[] {
  return Object.entries(catalogue).flatMap(([operation, { scope, summary, rest = [] }]) =>
    scope === undefined
      ? []
      : rest.map((route) => ({
          ...route,
          operation,
          summary: route.summary ?? summary,
          operationId: route.operationId ?? operation,
        })),
  )
}

export const REST_ROUTES: readonly OperationRoute[] = restRoutes()

/** The subject of each, as a client of the tenant `default` asks it. */
export const SERVICES = Object.fromEntries(
  NATS_OPERATION_NAMES.map((name) => [name, natsOperation(name).subject]),
) as { readonly [Name in NatsOperationName]: string }

/**
 * A service as a tenant sees it: who may publish on a subject is decided by the server, so the subject says whose task it is.
 * Without a tenant of its own, a service works for the tenant `default`.
 */
export const TENANT_SERVICES = {
  of: (tenant: string, service: string) =>
    tenant === DEFAULT_TENANT ? service : `murmur.tenants.${token(tenant)}.${withoutRoot(service)}`,
  all: (service: string) => `murmur.tenants.*.${withoutRoot(service)}`,
  /** The tenant that a message on such a subject is for. */
  tenantOf: (subject: string) => {
    const [, scope, tenant] = subject.split('.')
    return scope === 'tenants' && tenant !== undefined ? tenant : DEFAULT_TENANT
  },
} as const

/** A service that agents ask for steps of their own type: the server lets each ask for its own only. */
export const AGENT_SERVICES = {
  of: (agent: string, service: string) => `${service}.${token(agent)}`,
  all: (service: string) => `${service}.*`,
} as const

/** Whom an operation is asked for. */
export interface AskedFor {
  readonly tenant?: string
  readonly agent?: string
}

/** Where an operation is asked for. */
export function subjectOf(ref: NatsOperationRef, { tenant = DEFAULT_TENANT, agent }: AskedFor = {}): string {
  const { subject, per } = natsOperation(ref)
  if (per === 'tenant') return TENANT_SERVICES.of(tenant, subject)
  return per === 'agent' && agent !== undefined ? AGENT_SERVICES.of(agent, subject) : subject
}

/** Where it is answered: for everybody it is for. */
export function servedSubjects(ref: NatsOperationRef): string[] {
  const { subject, per } = natsOperation(ref)
  if (per === 'agent') return [AGENT_SERVICES.all(subject)]
  return per === 'tenant' ? [subject, TENANT_SERVICES.all(subject)] : [subject]
}

/** Those that clients of a tenant may ask, each for its own. */
export function clientServices(catalogue: Catalogue = OPERATIONS): string[] {
  return natsOperations(catalogue)
    .filter(({ per }) => per === 'tenant')
    .map(({ subject }) => subject)
}

export const CLIENT_SERVICES: readonly string[] = clientServices()

/** What an answerer listens on: its services, those of every tenant, and the questions of NATS service discovery. */
export function answeredBy(answerer: Answerer, catalogue: Catalogue = OPERATIONS): string[] {
  const own = natsOperations(catalogue).filter(({ service }) => service.answerer === answerer)
  return [...own.flatMap(servedSubjects), '$SRV.>']
}

/** An endpoint of a service: `tasks-get` for `murmur.tasks.get`, `tasks-get-tenants` for the same of any tenant. */
export interface Endpoint {
  readonly service: MicroService
  readonly name: string
}

/**
 * The endpoint that a served subject is shown as; undefined for those that are not (`monitors.<taskId>.stop` and the like).
 * @param operations where it is looked for
 */
export function endpointOf(
  subject: string,
  operations: readonly NatsOperation[] = natsOperations(),
): Endpoint | undefined {
  const isOfTenant = subject.startsWith('murmur.tenants.')
  const served = operations.find(({ subject: own }) =>
    isOfTenant
      ? subject.split('.').slice(3).join('.') === withoutRoot(own)
      : subject === own || subject === AGENT_SERVICES.all(own),
  )
  if (!served) return undefined
  const name = withoutRoot(served.subject).replaceAll('.', '-')
  return { service: served.service, name: isOfTenant ? `${name}-tenants` : name }
}

function withoutRoot(service: string): string {
  return service.slice('murmur.'.length)
}
