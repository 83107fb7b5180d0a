import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkRequest } from '#platform/requests/check-request.ts'
import { type ListTasksRequest, listTasksRequestSchema, parseLabelFilter } from '#schemas/task-requests.ts'
import type { RestParameter } from '#subjects/operations/rest-route.ts'
import { OPERATIONS } from '#subjects/operations.ts'
import { invalid, numberOf, readJsonObject, readQuery, searchOf, timeOf } from './read-request.ts'

/** Parameters of a list's query, as the row of its operation names them: those given once, and those given several times. */
function filtersOf(operation: 'listTasks' | 'listMonitors'): { single: string[]; lists: string[] } {
  const parameters: readonly RestParameter[] = OPERATIONS[operation].rest[0].parameters
  const isList = ({ schema }: RestParameter) => schema?.type === 'array'
  return {
    single: parameters.filter((parameter) => !isList(parameter)).map(({ name }) => name),
    lists: parameters.filter(isList).map(({ name }) => name),
  }
}

/** What is to be submitted, as it came, unless the key stands in a header: an orchestrator checks all of it. */
export function readSubmission({ body, raw }: FastifyRequest): unknown {
  const key = readIdempotencyKey(raw)
  if (key === undefined) return body instanceof Uint8Array ? body : new Uint8Array()
  const submission = readJsonObject(body)
  if (submission.idempotencyKey !== undefined && submission.idempotencyKey !== key)
    throw invalid('idempotencyKey', 'differs from the header Idempotency-Key')
  return { ...submission, idempotencyKey: key }
}

/** The header `Idempotency-Key`. @throws MurmurError INVALID_REQUEST when it was given twice */
export function readIdempotencyKey({ headersDistinct }: FastifyRequest['raw']): string | undefined {
  const [key, ...more] = headersDistinct['idempotency-key'] ?? []
  if (more.length > 0) throw invalid('Idempotency-Key', 'was given twice')
  return key
}

/** What a list is asked for in its query. @throws MurmurError INVALID_REQUEST */
export function readListRequest(
  request: FastifyRequest,
  operation: 'listTasks' | 'listMonitors',
): ListTasksRequest {
  const filters = filtersOf(operation)
  const { single, lists } = readQuery(searchOf(request), filters.single, filters.lists)
  const { createdFrom, createdBefore, limit, ...same } = single
  return checkRequest(listTasksRequestSchema, {
    ...same,
    ...(createdFrom !== undefined && { createdFromMs: timeOf('createdFrom', createdFrom) }),
    ...(createdBefore !== undefined && { createdBeforeMs: timeOf('createdBefore', createdBefore) }),
    ...(limit !== undefined && { limit: numberOf(limit) }),
    ...(lists.label && { labels: Object.fromEntries(lists.label.map(labelOf)) }),
  })
}

function labelOf(text: string): [name: string, value: string] {
  const label = parseLabelFilter(text)
  if (!label) throw invalid('label', 'must be name:value; a colon in the name is written \\:')
  return [label.name, label.value]
}

/** A client may wait for the end of its task for so long at most. */
export const LONGEST_WAIT_S = 60
const waitSchema = z
  .number({ error: `must be 0 to ${LONGEST_WAIT_S}, seconds` })
  .min(0)
  .max(LONGEST_WAIT_S)
const PREFERENCE = /^wait\s*=\s*"?(\d{1,9})"?$/i

/**
 * How long a client wants to wait: `?wait=SECONDS`, or `Prefer: wait=SECONDS` (RFC 7240), which the answer then names under
 * `Preference-Applied`. The query is what was asked for, so it must be right, and wins; a preference that can't be kept is
 * kept as far as it can.
 * @throws MurmurError INVALID_REQUEST for a query that is wrong
 */
export function readWait(
  query: string | undefined,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): number {
  const preferred = preferredWait(headers.prefer)
  const waitS =
    query === undefined
      ? (preferred ?? 0)
      : checkRequest(waitSchema, query === '' ? Number.NaN : Number(query))
  if (preferred !== undefined && preferred === waitS) reply.header('preference-applied', `wait=${preferred}`)
  return waitS
}

/** The first of several counts; what is none is no preference. */
function preferredWait(header: string | string[] | undefined): number | undefined {
  const preferences = [header ?? []].flat().join(',').split(',')
  const [wait] = preferences.filter((preference) => /^\s*wait\s*(=|;|$)/i.test(preference))
  const seconds = wait && PREFERENCE.exec(wait.split(';', 1)[0]!.trim())?.[1]
  return seconds === undefined || seconds === '' ? undefined : Math.min(Number(seconds), LONGEST_WAIT_S)
}
