import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkRequest } from '#platform/requests/check-request.ts'

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
