import type { Ask, Gains, Op } from '../users/action.ts'

/** A question that was not answered with what was asked for. */
export class CallError extends Error {
  /** Of the error catalogue; `CONNECTION` when it was cut, `CLIENT_TIMEOUT` when nothing came in time. */
  readonly code: string
  /** Come back after this: only with what was refused for now. Milliseconds. */
  readonly retryAfterMs: number | undefined
  /** Refused because there is too much (429, RESOURCE_EXHAUSTED). */
  readonly isRefusal: boolean

  constructor(
    code: string,
    message: string,
    { retryAfterMs, isRefusal = false }: { retryAfterMs?: number | undefined; isRefusal?: boolean } = {},
  ) {
    super(`${code}: ${message}`)
    this.code = code
    this.retryAfterMs = retryAfterMs
    this.isRefusal = isRefusal
  }
}

/** A client outside, over one of the transports. */
export interface LoadClient {
  readonly transport: 'rest' | 'grpc'
  /**
   * Asks once; nothing is tried again here.
   * @param timeoutMs after which it is given up
   * @throws CallError
   */
  ask<Kind extends Op>(ask: Extract<Ask, { op: Kind }>, timeoutMs: number): Promise<Gains[Kind]>
  close(): void
}
