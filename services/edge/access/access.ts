import { randomUUID } from 'node:crypto'
import { SCOPES, type Scope } from '#schemas/api-key.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import type { EdgeOperationName } from '#subjects/operations.ts'

/** Who asks, as far as his credential says so: tenant and scopes come from nowhere else. */
export interface Caller {
  readonly tenant: string
  /** For the audit log: `anonymous`, `key:<id>`, `jwt:<sub>`. */
  readonly subject: string
  readonly scopes: ReadonlySet<Scope>
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
}

/** The one place where it is decided who may do what, and how much of it. */
export interface Access {
  /**
   * Lets a request in or refuses it.
   * @throws MurmurError UNAUTHENTICATED, PERMISSION_DENIED, RATE_LIMITED
   */
  authorize(entry: Entry): Promise<Caller>
  /**
   * Counts bytes that a caller sends or is sent against what his tenant may.
   * @throws MurmurError RATE_LIMITED
   */
  spendBytes(caller: Caller, bytes: number): Promise<void>
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

  async spendBytes(): Promise<void> {
    // Nothing is limited.
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
