import type { z } from 'zod'
import type { Scope } from '#schemas/api-key.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import type { Answerer, MicroService } from './operations/micro-services.ts'
import { ALERT_OPERATIONS, MONITOR_OPERATIONS } from './operations/monitors.ts'
import { OBJECT_OPERATIONS } from './operations/objects.ts'
import type { NatsOperation, Operation } from './operations/operation.ts'
import { OPERATOR_OPERATIONS, PROCESS_OPERATIONS, SYSTEM_OPERATIONS } from './operations/system.ts'
import { TASK_OPERATIONS } from './operations/tasks.ts'
import { token } from './subjects.ts'

export { type Answerer, type MicroService, SERVICE_VERSION } from './operations/micro-services.ts'
export type { MessageSpec, NatsOperation, Operation } from './operations/operation.ts'
export type { RestRoute } from './operations/rest-route.ts'

/**
 * The API, one row an operation: its subject on NATS and who answers there, its messages, the scope it needs, its routes in REST
 * and its methods in gRPC. Permissions, service discovery, scopes, routes, documents and clients are made from it.
 */
export const OPERATIONS = {
  ...TASK_OPERATIONS,
  ...MONITOR_OPERATIONS,
  ...OBJECT_OPERATIONS,
  ...ALERT_OPERATIONS,
  ...SYSTEM_OPERATIONS,
  ...OPERATOR_OPERATIONS,
  ...PROCESS_OPERATIONS,
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

type Row<Name extends NatsOperationName> = (typeof OPERATIONS)[Name]
/** What a client says, before defaults are filled in; anything, where the handler checks it from its bytes on. */
export type RequestInput<Name extends NatsOperationName> =
  Row<Name> extends { isRaw: true } ? unknown : z.input<Row<Name>['request']['schema']>
/** What the handler of an operation gets. */
export type RequestOf<Name extends NatsOperationName> =
  Row<Name> extends { isRaw: true } ? Uint8Array : z.output<Row<Name>['request']['schema']>
/** What a handler answers, before defaults are filled in. */
export type ResponseInput<Name extends NatsOperationName> = z.input<Row<Name>['response']['schema']>
export type ResponseOf<Name extends NatsOperationName> = z.output<Row<Name>['response']['schema']>

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]
export const NATS_OPERATION_NAMES = OPERATION_NAMES.filter((name): name is NatsOperationName =>
  isOnNats(OPERATIONS[name]),
)

/** A row without the types of its messages. */
export function operationOf(name: OperationName): Operation {
  return OPERATIONS[name]
}

/** The same, of one that is answered on NATS. */
export function natsOperation(name: NatsOperationName): NatsOperation {
  return OPERATIONS[name] as NatsOperation
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

/** Every route of REST, with the operation that it asks for. */
export const REST_ROUTES = EDGE_OPERATION_NAMES.flatMap((operation) =>
  (edgeOperation(operation).rest ?? []).map((route) => ({
    ...route,
    operation,
    summary: route.summary ?? edgeOperation(operation).summary,
    operationId: route.operationId ?? operation,
  })),
)

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
export function subjectOf(
  name: NatsOperationName,
  { tenant = DEFAULT_TENANT, agent }: AskedFor = {},
): string {
  const { subject, per } = natsOperation(name)
  if (per === 'tenant') return TENANT_SERVICES.of(tenant, subject)
  return per === 'agent' && agent !== undefined ? AGENT_SERVICES.of(agent, subject) : subject
}

/** Where it is answered: for everybody it is for. */
export function servedSubjects(name: NatsOperationName): string[] {
  const { subject, per } = natsOperation(name)
  if (per === 'agent') return [AGENT_SERVICES.all(subject)]
  return per === 'tenant' ? [subject, TENANT_SERVICES.all(subject)] : [subject]
}

/** Those that clients of a tenant may ask, each for its own. */
export const CLIENT_SERVICES: readonly string[] = NATS_OPERATION_NAMES.filter(
  (name) => natsOperation(name).per === 'tenant',
).map((name) => SERVICES[name])

/** What an answerer listens on: its services, those of every tenant, and the questions of NATS service discovery. */
export function answeredBy(answerer: Answerer): string[] {
  const own = NATS_OPERATION_NAMES.filter((name) => natsOperation(name).service.answerer === answerer)
  return [...own.flatMap(servedSubjects), '$SRV.>']
}

/** An endpoint of a service: `tasks-get` for `murmur.tasks.get`, `tasks-get-tenants` for the same of any tenant. */
export interface Endpoint {
  readonly service: MicroService
  readonly name: string
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map(
  NATS_OPERATION_NAMES.map((name) => {
    const { subject, service } = natsOperation(name)
    const [, noun, verb] = subject.split('.')
    return [`${noun}.${verb}`, { service, name: `${noun}-${verb}` }]
  }),
)

/** The endpoint that a served subject is shown as; undefined for those that are not (`monitors.<taskId>.stop` and the like). */
export function endpointOf(subject: string): Endpoint | undefined {
  const [root, first, second, ...rest] = subject.split('.')
  if (root !== 'murmur') return undefined
  if (first !== 'tenants')
    return second && (rest.length === 0 || rest.join('.') === '*')
      ? ENDPOINTS.get(`${first}.${second}`)
      : undefined
  const endpoint = ENDPOINTS.get(rest.join('.'))
  return endpoint && { ...endpoint, name: `${endpoint.name}-tenants` }
}

function withoutRoot(service: string): string {
  return service.slice('murmur.'.length)
}
