import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { createTextSealer, type SealKey, type TextSealer } from '#platform/secrets/sealed-text.ts'

/** How long a browser that has shown a credential stays signed in, at most. Milliseconds. */
export const SESSION_MS = 12 * 3_600_000
const PURPOSE = 'console-session'
/** Browsers keep 4096 bytes of a cookie. */
const MAX_COOKIE = 4000
const HOST_COOKIE = '__Host-murmur-session'
const PLAIN_COOKIE = 'murmur-session'
const sessionSchema = z.strictObject({ credential: z.string().min(1), untilMs: z.int() })
export type Session = z.infer<typeof sessionSchema>

/** What a request says about where it comes from. */
export interface CookieRequest {
  readonly method: string
  readonly cookie: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`: browsers say it where the page is https or of this machine. */
  readonly fetchSite: string | undefined
  /** The origin that the request was sent to, as far as the edge knows. */
  readonly own: string
}

/**
 * Keeps the credential of a browser in a sealed cookie, so that no page's script ever holds it and no edge has to remember it. The credential
 * itself is looked at with every request: what ends it ends the session.
 */
export class SessionCookies {
  readonly #sealer: TextSealer

  /** @param keys shared by all edges; without them a session holds at this process only */
  constructor(keys: readonly SealKey[] | undefined) {
    this.#sealer = createTextSealer(keys?.length ? keys : [{ id: 'process', key: randomBytes(32) }])
  }

  /** The value of `Set-Cookie`; undefined when the credential is too long for a cookie. */
  create(session: Session, { nowMs, isSecure }: { nowMs: number; isSecure: boolean }): string | undefined {
    const value = this.#sealer.seal(JSON.stringify(session), PURPOSE)
    if (value.length > MAX_COOKIE) return undefined
    const maxAgeS = Math.max(0, Math.floor((session.untilMs - nowMs) / 1000))
    return cookieLine(value, maxAgeS, isSecure)
  }

  /** Of a request that it counts for; undefined: there is none, it is over, or it does not count. */
  open(request: CookieRequest, nowMs: number): Session | undefined {
    const value = cookieOf(request.cookie)
    if (value === undefined || !isOwnPage(request)) return undefined
    try {
      const session = sessionSchema.safeParse(JSON.parse(this.#sealer.open(value, PURPOSE))).data
      return session && session.untilMs > nowMs ? session : undefined
    } catch {
      // Sealed with a key that is gone, or by somebody else.
      return undefined
    }
  }
}

/** The value of `Set-Cookie` that ends it. Pure. */
export function endedCookie(isSecure: boolean): string {
  return cookieLine('', 0, isSecure)
}

function cookieLine(value: string, maxAgeS: number, isSecure: boolean): string {
  const name = isSecure ? HOST_COOKIE : PLAIN_COOKIE
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
}

/** Pure. */
function cookieOf(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  for (const name of [HOST_COOKIE, PLAIN_COOKIE])
    for (const pair of pairs)
      if (pair.startsWith(`${name}=`) && pair.length > name.length + 1) return pair.slice(name.length + 1)
  return undefined
}

/**
 * A browser sends the cookie whatever page asks: it counts for pages of the edge itself. `SameSite` keeps other sites out; that one
 * of another port or a subdomain, which is the same site, is not taken for ours, is seen by `Sec-Fetch-Site` and `Origin`.
 * Whoever navigates (`none`) only reads. Pure.
 */
function isOwnPage({ method, origin, fetchSite, own }: CookieRequest): boolean {
  const isRead = method === 'GET' || method === 'HEAD'
  if (fetchSite !== undefined) return fetchSite === 'same-origin' || (isRead && fetchSite === 'none')
  if (origin !== undefined) return origin === own
  return isRead
}
