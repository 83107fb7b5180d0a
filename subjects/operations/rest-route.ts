/** How an operation is asked for over REST, as the OpenAPI document tells it and as the edge serves it. */
export interface RestRoute {
  /** The name of the operation itself unless given: where one operation has several routes. */
  readonly operationId?: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `{id}`; a `{key}` at the end may hold slashes. */
  readonly path: string
  readonly tag: 'Tasks' | 'Schedules' | 'Plans' | 'Monitors' | 'Objects' | 'Alerts' | 'System'
  /** That of the operation unless given. */
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly RestParameter[]
  readonly body?: {
    readonly schema?: JsonSchema
    readonly type?: string
    readonly isOptional?: boolean
    readonly example?: unknown
  }
  readonly answers: readonly RestAnswer[]
}

export interface RestParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly about: string
  /** A string unless given. */
  readonly schema?: JsonSchema
  readonly isRequired?: boolean
}

export interface RestAnswer {
  readonly status: number
  readonly about: string
  readonly schema?: JsonSchema
  readonly type?: string
}

/** Or a part of one. Those with a name are referred to by it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A schema by its name in the OpenAPI document: see `api-schemas.ts` of the edge. */
export const ref = (name: string): JsonSchema => ({ ref: name })
export const fields = (properties: Record<string, unknown>): JsonSchema => ({ type: 'object', properties })
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
export const id = (what: string): RestParameter => ({
  name: 'id',
  in: 'path',
  about: `The ${what}.`,
  isRequired: true,
})
export const query = (name: string, about: string, schema?: JsonSchema): RestParameter => ({
  name,
  in: 'query',
  about,
  ...(schema && { schema }),
})
export const header = (name: string, about: string): RestParameter => ({ name, in: 'header', about })
export const events = (about: string): RestAnswer => ({ status: 200, about, type: 'text/event-stream' })

export const ACCEPTED = fields({ taskId: { type: 'string' }, accepted: { const: true } })
/** What tasks can be picked by, whatever their type. */
export const TASK_FILTERS: readonly RestParameter[] = [
  query('status', 'Only these.', { enum: ['scheduled', 'running', 'completed', 'failed', 'cancelled'] }),
  query('label', 'name:value; several have all to be there.', list({ type: 'string' })),
  query(
    'createdFrom',
    'A date, with a time as RFC 3339 has it or without (midnight UTC), or Unix milliseconds.',
  ),
  query('createdBefore', 'RFC 3339 or Unix milliseconds.'),
  query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
  query('cursor', 'nextCursor of the last page.'),
]
export const TASK_PAGE: RestAnswer = {
  status: 200,
  about: 'One page.',
  schema: fields({ tasks: list(ref('TaskSummary')), nextCursor: { type: 'string' } }),
}
