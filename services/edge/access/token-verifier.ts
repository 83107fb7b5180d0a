import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { discoverIssuer } from '#platform/http/oidc.ts'
import type { Caller } from './access.ts'
import { accessByClaims, accessByRules, type ClaimRule } from './claim-rules.ts'

export interface TokenSettings {
  issuer: string
  audience: string
  /** Where its keys are; undefined: where its discovery document says. */
  jwksUrl: string | undefined
  /** Asymmetric ones only: a secret that both sides know would let every verifier issue. */
  algorithms: readonly string[]
  /** The claim that names the tenant. */
  tenantClaim: string
  /** Values of the header `typ` that are taken, in lower case and without `application/`. A token without it counts as `jwt`. */
  types: readonly string[]
  /** From its issue, or where that is not said from now, to its end. Milliseconds. */
  maxLifetimeMs: number
  /** With them, they alone say tenant and scopes. */
  claimRules?: readonly ClaimRule[] | undefined
}

const MAX_TOKEN_BYTES = 8192
const CLOCK_TOLERANCE_S = 5
/** Keys that are not known are asked for again at most this often. */
const COOLDOWN_MS = 30_000
const KEYS_FOR_MS = 600_000
const REQUEST_TIMEOUT_MS = 5000
/** Where keys are is asked for again this often, and after a failure not before this: longer than an answer is waited for. */
const DISCOVERED_FOR_MS = 3_600_000
const DISCOVERY_COOLDOWN_MS = 15_000

/** JSON Web Tokens of one issuer. */
export class TokenVerifier {
  readonly #settings: TokenSettings
  readonly #clock: Pick<Clock, 'nowMs'>
  #keys: JWTVerifyGetKey | undefined
  #url: string | undefined
  #asking: Promise<JWTVerifyGetKey> | undefined
  #askAtMs = 0

  constructor(settings: TokenSettings, clock: Pick<Clock, 'nowMs'>) {
    this.#settings = settings
    this.#clock = clock
  }

  /**
   * @returns undefined for a token that does not hold
   * @throws MurmurError UNAVAILABLE when the issuer's keys can't be had
   */
  async verify(token: string): Promise<Caller | undefined> {
    const { issuer, audience, algorithms, tenantClaim, claimRules } = this.#settings
    if (token.length > MAX_TOKEN_BYTES) return undefined
    // What the token itself says is read first: a signature is looked at, and keys are asked for, only where the rest is right.
    if (!this.#isWorthwhile(token)) return undefined
    try {
      const { payload } = await jwtVerify(token, await this.#keysOf(), {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.#clock.nowMs()),
        requiredClaims: ['exp', 'sub'],
      })
      const access = claimRules ? accessByRules(payload, claimRules) : accessByClaims(payload, tenantClaim)
      return access && { ...access, subject: `jwt:${payload.sub}`, endsAtMs: (payload.exp ?? 0) * 1000 }
    } catch (cause) {
      if (isRefusal(cause)) return undefined
      throw new MurmurError('UNAVAILABLE', `the keys of the issuer can't be had: ${messageOf(cause)}`, {
        cause,
        retryAfterMs: REQUEST_TIMEOUT_MS,
      })
    }
  }

  /** Whether a token's type, issuer and times are right, as far as it says so itself. */
  #isWorthwhile(token: string): boolean {
    const { issuer, algorithms, types, maxLifetimeMs } = this.#settings
    let payload: JWTPayload
    try {
      const { typ = 'jwt', alg } = decodeProtectedHeader(token)
      if (typeof typ !== 'string' || !types.includes(plainType(typ))) return false
      if (alg === undefined || !algorithms.includes(alg)) return false
      payload = decodeJwt(token)
    } catch {
      return false
    }
    const nowS = this.#clock.nowMs() / 1000
    const { iss, exp, iat } = payload
    if (iss !== issuer || typeof exp !== 'number' || exp < nowS - CLOCK_TOLERANCE_S) return false
    if (iat !== undefined && (typeof iat !== 'number' || iat > nowS + CLOCK_TOLERANCE_S)) return false
    return (exp - (iat ?? nowS)) * 1000 <= maxLifetimeMs
  }

  /** The issuer's keys. @throws MurmurError UNAVAILABLE where nobody has said yet where they are */
  #keysOf(): Promise<JWTVerifyGetKey> | JWTVerifyGetKey {
    const nowMs = this.#clock.nowMs()
    if (!this.#asking || nowMs >= this.#askAtMs) {
      // Whatever comes of it: strangers with any token must not have it asked for again and again.
      this.#askAtMs = nowMs + DISCOVERY_COOLDOWN_MS
      this.#asking = this.#ask()
      this.#asking.catch(() => undefined)
    }
    // Keys that were found once are taken until there are others.
    return this.#keys ?? this.#asking
  }

  async #ask(): Promise<JWTVerifyGetKey> {
    const { issuer, jwksUrl } = this.#settings
    const url = jwksUrl ?? (await discoverIssuer(issuer)).jwks_uri
    if (!this.#keys || url !== this.#url) this.#keys = keySet(url)
    this.#url = url
    this.#askAtMs = jwksUrl ? Number.POSITIVE_INFINITY : this.#clock.nowMs() + DISCOVERED_FOR_MS
    return this.#keys
  }
}

/** `application/at+jwt` and `at+JWT` are `at+jwt` (RFC 7515). */
export function plainType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
}

function keySet(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEYS_FOR_MS,
    timeoutDuration: REQUEST_TIMEOUT_MS,
  })
}

/** The token's fault, not that of the way to its issuer. */
function isRefusal(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return false
  return (
    error instanceof errors.JOSEError &&
    // Without a code of its own: the issuer answered with something else than keys.
    error.code !== errors.JOSEError.code
  )
}
