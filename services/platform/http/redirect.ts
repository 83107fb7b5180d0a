import type { HttpMethod } from '#schemas/api-call.ts'

/** One request on the way to an answer. */
export interface Hop {
  url: URL
  method: HttpMethod
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: string | undefined
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * All that another origin gets to see. Any other header may be a credential, whatever it is called: what is safe is
 * listed, not what is secret.
 */
const HARMLESS_HEADERS = new Set([
  'accept',
  'accept-language',
  'content-type',
  'idempotency-key',
  'user-agent',
])

/** Whether an answer sends its caller elsewhere. */
export function isRedirect(status: number, location: string | undefined): location is string {
  return REDIRECTS.has(status) && location !== undefined
}

/** The request that follows a redirect, as in the fetch standard: 303 and POST at 301/302 become GET. Pure. */
export function followRedirect(hop: Hop, status: number, target: URL): Hop {
  const becomesGet =
    (status === 303 && hop.method !== 'HEAD') || ((status === 301 || status === 302) && hop.method === 'POST')
  const sameOrigin = target.origin === hop.url.origin
  const headers = Object.entries(hop.headers).filter(
    ([name]) => (sameOrigin || HARMLESS_HEADERS.has(name)) && !(becomesGet && describesBody(name)),
  )
  return {
    url: target,
    method: becomesGet ? 'GET' : hop.method,
    headers: Object.fromEntries(headers),
    body: becomesGet ? undefined : hop.body,
  }
}

function describesBody(header: string): boolean {
  return header.startsWith('content-') || header === 'idempotency-key'
}
