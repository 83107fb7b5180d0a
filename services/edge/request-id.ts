import { randomUUID } from 'node:crypto'

/** Header and metadata by which a request is found again, in answers and in logs. */
export const REQUEST_ID = 'x-request-id'
const TOKEN = /^[A-Za-z0-9._-]{1,128}$/

/** The id that a client gave its request, if it can stand in a log as it is; else one of ours. */
export function requestIdOf(given: unknown): string {
  return typeof given === 'string' && TOKEN.test(given) ? given : randomUUID()
}
