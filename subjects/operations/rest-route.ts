import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { LIMITS } from '#schemas/limits.ts'
import { TASK_STATUSES } from '#schemas/task.ts'
import { LIST_ORDERS } from '#schemas/task-requests.ts'

/** How an operation is asked for over REST, as the OpenAPI document tells it and as the edge serves it. */
export interface RestRoute {
  /** The name of the operation itself unless given: where one operation has several routes. */
  readonly operationId?: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `{id}`; a `{key}` at the end may hold slashes. */
  readonly path: string
  readonly tag: 'Tasks' | 'Schedules' | 'Plans' | 'Monitors' | 'Objects' | 'Alerts' | 'Recordings' | 'System'
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
/** A body that may be left out, and has nothing in it. */
export const NOTHING: JsonSchema = { type: 'object', additionalProperties: false }
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
/** What ids and names are made of. */
export const TOKEN: JsonSchema = { type: 'string', pattern: TOKEN_PATTERN.source }
/** The `nextCursor` of an earlier answer: what it says is for the server alone. */
export const CURSOR: JsonSchema = { type: 'string', minLength: 1, maxLength: 256 }
/** A day of the calendar from 1970 on; leap days of the 20th and 21st century. */
const DAY =
  '((19[7-9][0-9]|[2-9][0-9]{3})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|(19(72|76|8[048]|9[26])|20([02468][048]|[13579][26]))-02-29)'
const TIME_OF_DAY =
  '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])'
/** Unix milliseconds, a date, or a date with a time and a zone. The second day of 1970 is the first that is one in all zones. */
export const MOMENT: JsonSchema = {
  type: 'string',
  pattern: `^([0-9]{1,15}|${DAY}|(?!1970-01-01)${DAY}T${TIME_OF_DAY})$`,
}

/** A name in a path. */
export const named = (name: string, about: string): RestParameter => ({
  name,
  in: 'path',
  about,
  schema: TOKEN,
  isRequired: true,
})
export const id = (what: string): RestParameter => named('id', `The ${what}.`)
/** Ids that the server gives, all with the same letter in front. */
export const idOf = (letter: string): JsonSchema => ({
  type: 'string',
  pattern: `^${letter}[A-Za-z0-9]{1,62}$`,
})
export const query = (name: string, about: string, schema?: JsonSchema): RestParameter => ({
  name,
  in: 'query',
  about,
  ...(schema && { schema }),
})
export const header = (name: string, about: string, schema?: JsonSchema): RestParameter => ({
  name,
  in: 'header',
  about,
  ...(schema && { schema }),
})
export const IDEMPOTENCY_KEY = header('Idempotency-Key', 'The same request again gives the same task.', {
  type: 'string',
  minLength: 1,
  maxLength: 256,
})
export const events = (about: string): RestAnswer => ({ status: 200, about, type: 'text/event-stream' })

export const ACCEPTED = fields({ taskId: { type: 'string' }, accepted: { const: true } })
/** `name:value`, as far as a pattern says it: names have 64 characters at most, values 256. */
const LABEL = '^([^\\:]|\\[\\:]){1,64}:.{0,256}$'
/** What tasks can be picked by, whatever their type. */
export const TASK_FILTERS: readonly RestParameter[] = [
  query('status', 'Only these.', { enum: [...TASK_STATUSES] }),
  query('label', 'name:value; several have all to be there. A colon in the name is written \\:', {
    ...list({ type: 'string', pattern: LABEL }),
    maxItems: LIMITS.labels,
  }),
  query('text', 'Only those with this in id, type, status, labels or error, in upper or lower case.', {
    type: 'string',
    minLength: 1,
    maxLength: LIMITS.searchChars,
  }),
  query(
    'createdFrom',
    'A date, with a time as RFC 3339 has it or without (midnight UTC), or Unix milliseconds.',
    MOMENT,
  ),
  query('createdBefore', 'RFC 3339 or Unix milliseconds.', MOMENT),
  query('order', 'Which come first.', { enum: [...LIST_ORDERS], default: 'newest' }),
  query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
  query('cursor', 'nextCursor of the last page.', CURSOR),
]
export const TASK_PAGE: RestAnswer = {
  status: 200,
  about: 'One page.',
  schema: fields({
    tasks: list(ref('TaskSummary')),
    nextCursor: { type: 'string' },
    searchedToMs: { type: 'number' },
  }),
}
