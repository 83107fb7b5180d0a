import { formatLabelFilter } from '#schemas/task-requests.ts'
import { type EdgeOperationName, REST_ROUTES } from '#subjects/operations.ts'

/** A request to an edge, without who asks. */
export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Encoded, from `/v1` on. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  /** Sent as JSON. */
  readonly json?: unknown
}

/** Of an operation with several routes: the field of the request that its routes stand for, and which stands for which value. */
const ROUTE_BY_FIELD: Partial<
  Record<EdgeOperationName, { field: string; routes: Readonly<Record<string, string>> }>
> = {
  changeAlert: {
    field: 'status',
    routes: { acknowledged: 'acknowledgeAlert', resolved: 'resolveAlert' },
  },
  changeAlerts: {
    field: 'status',
    routes: { acknowledged: 'acknowledgeAlerts', resolved: 'resolveAlerts' },
  },
}

/**
 * An operation as its row in the catalogue says that REST asks for it. What the path does not hold goes into the query of a GET
 * and into the body of a POST. Parameters are called after fields of the request: `since` is `sinceMs`, `label` each of `labels`,
 * `id` is `taskId` where the request has one, `step` is `stepId`. Pure.
 * @throws TypeError when the route has no parameter for a field
 */
export function restRequest(operation: EdgeOperationName, body: unknown = {}): RestRequest {
  // A submission may be anything: it goes as it is, for the orchestrator to check.
  if (operation === 'submitTask' || operation === 'checkPlan') {
    const { method, path } = routeOf(operation, operation)
    return { method, path, json: body }
  }
  const fields = new Map(
    Object.entries(body as Record<string, unknown>).filter(([, value]) => value !== undefined),
  )
  const choice = ROUTE_BY_FIELD[operation]
  const route = routeOf(
    operation,
    choice ? (choice.routes[String(take(fields, [choice.field]))] ?? '') : operation,
  )
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = take(fields, name === 'id' ? ['taskId', 'id'] : [name, `${name}Id`])
    if (value === undefined) throw new TypeError(`${operation} has no "${name}" for its path`)
    // A key has slashes of its own; ids may hold what a path may not.
    return name === 'key'
      ? String(value).split('/').map(encodeURIComponent).join('/')
      : encodeURIComponent(String(value))
  })
  if (route.method === 'POST') return { method: 'POST', path, json: Object.fromEntries(fields) }
  if (route.method === 'DELETE') return { method: 'DELETE', path }
  const query: Record<string, string | readonly string[]> = {}
  for (const parameter of route.parameters ?? []) {
    if (parameter.in !== 'query') continue
    const value = take(fields, [parameter.name, `${parameter.name}Ms`, `${parameter.name}s`])
    if (value !== undefined) query[parameter.name] = queryValue(value)
  }
  const [left] = fields.keys()
  if (left !== undefined) throw new TypeError(`${operation} has no parameter for "${left}"`)
  return { method: 'GET', path, query }
}

function routeOf(operation: EdgeOperationName, operationId: string): (typeof REST_ROUTES)[number] {
  const route = REST_ROUTES.find((one) => one.operation === operation && one.operationId === operationId)
  if (!route) throw new TypeError(`operation ${operation} has no route "${operationId}"`)
  return route
}

/** The first of these fields that is there, which then is no longer. */
function take(fields: Map<string, unknown>, names: readonly string[]): unknown {
  const name = names.find((one) => fields.has(one))
  if (name === undefined) return undefined
  const value = fields.get(name)
  fields.delete(name)
  return value
}

function queryValue(value: unknown): string | readonly string[] {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value).map(([name, text]) => formatLabelFilter(name, String(text)))
}
