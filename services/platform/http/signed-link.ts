import { createHmac, timingSafeEqual } from 'node:crypto'

/** How links are signed, and where they lead. */
export interface LinkSigning {
  /** Where people reach the edge: an origin, maybe with a path, without a slash at the end. */
  readonly publicUrl: string
  readonly key: string
  /** How long a link holds. Milliseconds. */
  readonly lifetimeMs: number
}

/** What an edge makes links with, and checks those of others by. */
export interface EdgeLinks {
  /** All of them are taken; the first one signs. One at least. */
  readonly keys: readonly string[]
  /** As of `LinkSigning`; empty where nobody says where people reach the edge: links begin with their path then. */
  readonly publicUrl: string
}

/** The edge's paths that need no credential but a signature: `/v1/shared/<tenant>/…`. */
export const SHARED_ROOT = '/v1/shared'

/** What there is to be seen of an alert without a credential: its page, the frame with what it is about, its clip. */
export type SharedPart = 'page' | 'picture' | 'clip'

/** Its path at an edge. Pure. */
export function sharedAlertPath(tenant: string, id: string, part: SharedPart): string {
  const page = `${SHARED_ROOT}/${encodeURIComponent(tenant)}/alerts/${encodeURIComponent(id)}`
  return part === 'page' ? page : `${page}/${part}`
}

/**
 * A link that whoever has it may follow until it expires: the path of an edge with `expires` (Unix seconds) and `signature`. The
 * same second gives the same link. Pure.
 */
export function signedLink({ publicUrl, key, lifetimeMs }: LinkSigning, path: string, nowMs: number): string {
  const expires = Math.floor((nowMs + lifetimeMs) / 1000)
  return `${publicUrl}${path}?expires=${expires}&signature=${signatureOf(path, expires, key)}`
}

/** Whether a link was signed with this key, and still holds. Compares in constant time. Pure. */
export function checkLink(
  path: string,
  { expires, signature }: { expires: string | undefined; signature: string | undefined },
  { key, nowMs }: { key: string; nowMs: number },
): 'valid' | 'expired' | 'forged' {
  if (!/^\d{1,12}$/.test(expires ?? '') || signature === undefined) return 'forged'
  const wanted = Buffer.from(signatureOf(path, Number(expires), key))
  const given = Buffer.from(signature)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'forged'
  return Number(expires) * 1000 > nowMs ? 'valid' : 'expired'
}

/** HMAC-SHA256 over the path and the time, base64url. */
function signatureOf(path: string, expires: number, key: string): string {
  return createHmac('sha256', key).update(`${path}\n${expires}`).digest('base64url')
}
