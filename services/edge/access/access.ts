import { randomUUID } from 'node:crypto'
import type { PeerCertificate } from 'node:tls'
import { SCOPES, type Scope } from '#schemas/api-key.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import type { EdgeOperationName } from '#subjects/operations.ts'

/** Who asks, as far as his credential says so: tenant and scopes come from nowhere else. */
export interface Caller {
  readonly tenant: string
  /** For the audit log: `anonymous`, `key:<id>`, `jwt:<sub>`, `cert:<name>`. */
  readonly subject: string
  readonly scopes: ReadonlySet<Scope>
  /** When his credential ends by itself. Unix milliseconds. */
  readonly endsAtMs?: number | undefined
}

/** A request as a transport sees it before it reads its body. */
export interface Entry {
  readonly operation: EdgeOperationName
  readonly transport: 'rest' | 'grpc'
  /** Given by the client, or made. */
  readonly requestId: string
  /** The `Authorization` header or metadata, as it came. */
  readonly authorization?: string | undefined
  /** Where it came from, for the audit log. */
  readonly address?: string | undefined
  /** What the client has shown of itself, where the transport has checked it against the authority of clients. */
  readonly certificate?: (() => PeerCertificate | undefined) | undefined
}

/** What a browser asks for about itself, which no scope is needed for. */
export type SessionOperation = 'signIn' | 'signOut' | 'getSession'
export type SessionEntry = Omit<Entry, 'operation'> & { readonly operation: SessionOperation }

/** The one place where it is decided who may do what, and how much of it. */
export interface Access {
  /**
   * Lets a request in or refuses it.
   * @throws MurmurError UNAUTHENTICATED, PERMISSION_DENIED, RATE_LIMITED
   */
  authorize(entry: Entry): Promise<Caller>
  /**
   * Who somebody is, whatever he may do.
   * @throws MurmurError UNAUTHENTICATED, RATE_LIMITED
   */
  identify(entry: SessionEntry): Promise<Caller>
  /** Writes down that somebody signed in or out. */
  auditSession(entry: SessionEntry, caller: Caller, outcome: { code: string }): void
  /**
   * Counts bytes that a caller sends or is sent against what his tenant may.
   * @throws MurmurError RATE_LIMITED
   */
  spendBytes(caller: Caller, bytes: number): Promise<void>
  /**
   * Calls back once, when the credential of somebody who was let in holds no more: it was revoked, or its time is up.
   * @returns a function that ends the waiting
   */
  onEnd(caller: Caller, listener: () => void): () => void
  /** Counts and writes down who was not let in although his credential was not at fault. @param caller undefined: not known yet */
  refused(entry: Entry, caller: Caller | undefined, code: string): void
  /**
   * Counts a stream that stays open until somebody ends it.
   * @returns to be called when it has ended @throws MurmurError QUOTA_EXCEEDED
   */
  openStream(caller: Caller): () => void
  /** Writes down who did what, and how it ended; only operations that change something are written. */
  audit(entry: Entry, caller: Caller, outcome: { target?: string; code?: string }): void
}

/** Everybody on this machine is the tenant `default` and may do everything. */
export class OpenAccess implements Access {
  readonly #caller: Caller = { tenant: DEFAULT_TENANT, subject: 'anonymous', scopes: new Set(SCOPES) }

  async authorize(): Promise<Caller> {
    return this.#caller
  }

  async identify(): Promise<Caller> {
    return this.#caller
  }

  auditSession(): void {
    // Nobody is known.
  }

  async spendBytes(): Promise<void> {
    // Nothing is limited.
  }

  onEnd(): () => void {
    return () => undefined
  }

  refused(): void {
    // Nobody is known.
  }

  openStream(): () => void {
    // There is nobody else.
    return () => {}
  }

  audit(): void {
    // Nobody is known.
  }
}

/** Header and metadata by which a request is found again, in answers and in logs. */
export const REQUEST_ID = 'x-request-id'
const TOKEN = /^[A-Za-z0-9._-]{1,128}$/

/** The id that a client gave its request, if it can stand in a log as it is; else one of ours. */
export function requestIdOf(given: unknown): string {
  return typeof given === 'string' && TOKEN.test(given) ? given : randomUUID()
}

/** Operations that stay open until somebody ends them. */
export function isFollowed(operation: EdgeOperationName): boolean {
  return operation.startsWith('watch')
}
