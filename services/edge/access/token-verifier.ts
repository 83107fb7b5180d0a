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
import { SCOPES, type Scope } from '#schemas/api-key.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import type { Caller } from './access.ts'

export interface TokenSettings {
  issuer: string
  audience: string
  jwksUrl: string
  /** Asymmetric ones only: a secret that both sides know would let every verifier issue. */
  algorithms: readonly string[]
  /** The claim that names the tenant. */
  tenantClaim: string
  /** Values of the header `typ` that are taken, in lower case and without `application/`. A token without it counts as `jwt`. */
  types: readonly string[]
  /** From its issue, or where that is not said from now, to its end. Milliseconds. */
  maxLifetimeMs: number
}

const MAX_TOKEN_BYTES = 8192
const CLOCK_TOLERANCE_S = 5
/** Keys that are not known are asked for again at most this often. */
const COOLDOWN_MS = 30_000
const KEYS_FOR_MS = 600_000
const REQUEST_TIMEOUT_MS = 5000

/** JSON Web Tokens of one issuer. */
export class TokenVerifier {
  readonly #settings: TokenSettings
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #keys: JWTVerifyGetKey

  constructor(settings: TokenSettings, clock: Pick<Clock, 'nowMs'>) {
    this.#settings = settings
    this.#clock = clock
    this.#keys = createRemoteJWKSet(new URL(settings.jwksUrl), {
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: KEYS_FOR_MS,
      timeoutDuration: REQUEST_TIMEOUT_MS,
    })
  }

  /**
   * @returns undefined for a token that does not hold
   * @throws MurmurError UNAVAILABLE when the issuer's keys can't be had
   */
  async verify(token: string): Promise<Caller | undefined> {
    const { issuer, audience, algorithms, tenantClaim } = this.#settings
    if (token.length > MAX_TOKEN_BYTES) return undefined
    // What the token itself says is read first: a signature is looked at, and keys are asked for, only where the rest is right.
    if (!this.#isWorthwhile(token)) return undefined
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.#clock.nowMs()),
        requiredClaims: ['exp', 'sub'],
      })
      const tenant = tenantSchema.safeParse(payload[tenantClaim])
      if (!tenant.success) return undefined
      return {
        tenant: tenant.data,
        subject: `jwt:${payload.sub}`,
        scopes: scopesOf(payload),
        endsAtMs: (payload.exp ?? 0) * 1000,
      }
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
}

/** `application/at+jwt` and `at+JWT` are `at+jwt` (RFC 7515). */
export function plainType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
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

/** `scope` (RFC 8693) or `scp`: words, or a list of them; those that are none of ours say nothing. */
function scopesOf(payload: Record<string, unknown>): Set<Scope> {
  const claim = payload.scope ?? payload.scp
  const words = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return new Set(SCOPES.filter((scope) => words.includes(scope)))
}
