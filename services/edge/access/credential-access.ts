import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { SCOPES } from '#schemas/api-key.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { edgeOperation } from '#subjects/operations.ts'
import type { Access, Caller, Entry, SessionEntry } from './access.ts'
import type { AuditLog } from './audit-log.ts'
import type { CertificateIdentities } from './certificate-identities.ts'
import { plainAddress } from './client-address.ts'
import type { KeyRing } from './key-ring.ts'
import type { KeyUses } from './key-uses.ts'
import type { RateLimits } from './rate-limits.ts'
import type { StreamQuota } from './stream-quota.ts'
import type { TokenVerifier } from './token-verifier.ts'

export interface CredentialAccessDeps {
  /** Undefined: nobody has to say who he is, and everybody is the tenant `default`. */
  credentials: Credentials | undefined
  /** Undefined: nothing is limited. */
  limits: RateLimits | undefined
  /** Streams that a tenant may have open. Undefined: as many as there are places. */
  streams?: StreamQuota | undefined
  audit: AuditLog
  clock: Clock
  metrics: Metrics
}

/** What callers may show. */
export interface Credentials {
  keys: KeyRing
  uses: KeyUses
  tokens: TokenVerifier | undefined
  certificates: CertificateIdentities | undefined
}

const ANYBODY: Caller = { tenant: DEFAULT_TENANT, subject: 'anonymous', scopes: new Set(SCOPES) }
const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/i
/** The same words whatever was wrong: which keys there are is nobody's business. */
const UNKNOWN = 'the credential is missing, or does not hold'

/** Later than this no timer goes off: nothing stays open for so long. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Lets callers in by their API key or token, and counts what they do. */
export class CredentialAccess implements Access {
  readonly #deps: CredentialAccessDeps
  readonly #throttle: FailureThrottle

  constructor(deps: CredentialAccessDeps) {
    this.#deps = deps
    this.#throttle = new FailureThrottle(deps.clock)
  }

  async authorize(entry: Entry): Promise<Caller> {
    let caller: Caller | undefined
    try {
      caller = await this.#identify(entry)
      const { scope } = edgeOperation(entry.operation)
      if (!caller.scopes.has(scope))
        throw new MurmurError('PERMISSION_DENIED', `the credential has not the scope "${scope}"`)
      await this.#deps.limits?.takeRequest(caller.tenant)
      return caller
    } catch (error) {
      if (error instanceof MurmurError) this.refused(entry, caller, error.code)
      throw error
    }
  }

  async identify(entry: SessionEntry): Promise<Caller> {
    try {
      const caller = await this.#identify(entry)
      await this.#deps.limits?.takeRequest(caller.tenant)
      return caller
    } catch (error) {
      if (error instanceof MurmurError) this.refused(entry, undefined, error.code)
      throw error
    }
  }

  auditSession(entry: SessionEntry, caller: Caller, outcome: { code: string }): void {
    this.#deps.audit.write(entry, caller, outcome)
  }

  refused(entry: Entry | SessionEntry, caller: Caller | undefined, code: string): void {
    this.#deps.metrics.counter('murmur_edge_refused_total').labels(code).inc()
    this.#deps.audit.refused(entry, caller, code)
  }

  async spendBytes({ tenant }: Caller, bytes: number): Promise<void> {
    await this.#deps.limits?.takeBytes(tenant, bytes)
  }

  onEnd({ subject, endsAtMs }: Caller, listener: () => void): () => void {
    const { credentials, clock } = this.#deps
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const end = () => {
      if (isOver) return
      stop()
      listener()
    }
    const endAt = (atMs = Number.POSITIVE_INFINITY) => {
      if (isOver) return
      clearTimeout(timer)
      const remainingMs = atMs - clock.nowMs()
      timer = remainingMs <= MAX_TIMER_MS ? setTimeout(end, Math.max(0, remainingMs)).unref() : undefined
    }
    endAt(endsAtMs)
    // A key may be revoked meanwhile, or rotated and so end earlier than it said.
    const keyId = subject.startsWith('key:') ? subject.slice(4) : undefined
    const forget = keyId === undefined ? undefined : credentials?.keys.onEndChanged(keyId, endAt)
    const stop = () => {
      isOver = true
      clearTimeout(timer)
      forget?.()
    }
    return stop
  }

  openStream({ tenant }: Caller): () => void {
    const { credentials, streams } = this.#deps
    // Who is not asked who he is shares the edge with nobody.
    return credentials && streams ? streams.open(tenant) : () => {}
  }

  audit(entry: Entry, caller: Caller, outcome: { target?: string; code?: string }): void {
    if (edgeOperation(entry.operation).isChange) this.#deps.audit.write(entry, caller, outcome)
  }

  async #identify({ authorization, address = '', certificate }: Omit<Entry, 'operation'>): Promise<Caller> {
    const { credentials } = this.#deps
    if (!credentials) return ANYBODY
    // Whoever says by a key or a token who he is, is that one and no other: a wrong one is not made up for by a certificate.
    if (authorization === undefined) {
      const shown = credentials.certificates && certificate?.()
      const caller = shown && credentials.certificates?.find(shown)
      // A connection may be older than its certificate lasts: TLS has looked at that once.
      if (caller && (caller.endsAtMs ?? Number.POSITIVE_INFINITY) > this.#deps.clock.nowMs()) return caller
    }
    const [, credential = ''] = BEARER.exec(authorization ?? '') ?? []
    // Looking a key up costs little, and who has one is not held back by others at the same address.
    const key = credentials.keys.find(credential)
    // Without its port: a new connection is no new address.
    const host = plainAddress(address) ?? address
    if (key) {
      credentials.uses.note(key.id, host)
      return {
        tenant: key.tenant,
        subject: `key:${key.id}`,
        scopes: new Set(key.scopes),
        endsAtMs: key.expiresAtMs,
      }
    }
    // Whatever others at the same address have tried, a token that holds lets in: looking at one is bounded work.
    const isToken = credential !== '' && !credential.startsWith('mur_')
    const caller = isToken ? await credentials.tokens?.verify(credential) : undefined
    if (caller) return caller
    const waitMs = this.#throttle.waitMs(host)
    if (waitMs > 0)
      throw new MurmurError('RATE_LIMITED', 'too many credentials from this address did not hold', {
        retryAfterMs: waitMs,
      })
    this.#throttle.failed(host)
    throw new MurmurError('UNAUTHENTICATED', UNKNOWN)
  }
}

/** Failures that an address may have at once, and then one each… */
const FAILURE_BURST = 60
const FAILURE_INTERVAL_MS = 1000
const MAX_ADDRESSES = 10_000

/** Tells addresses that guess credentials to come back later: whoever has one that holds is let in all the same. In the memory of one edge, and bounded. */
export class FailureThrottle {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  /** When the address would have no failures left: always moved to the end, so that the oldest are first. */
  readonly #fullAtMs = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Milliseconds that the address has to wait; 0: it may try. */
  waitMs(address: string): number {
    const fullAtMs = this.#fullAtMs.get(address) ?? 0
    return Math.max(
      0,
      Math.ceil(fullAtMs - this.#clock.monotonicMs() - (FAILURE_BURST - 1) * FAILURE_INTERVAL_MS),
    )
  }

  failed(address: string): void {
    const fullAtMs =
      Math.max(this.#clock.monotonicMs(), this.#fullAtMs.get(address) ?? 0) + FAILURE_INTERVAL_MS
    this.#fullAtMs.delete(address)
    this.#fullAtMs.set(address, fullAtMs)
    if (this.#fullAtMs.size > MAX_ADDRESSES) this.#fullAtMs.delete(this.#fullAtMs.keys().next().value!)
  }
}
