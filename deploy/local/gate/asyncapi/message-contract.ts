import type { z } from 'zod'

/** One kind of message: what it is called, what it looks like, and one of them. */
export interface MessageContract {
  readonly name: string
  readonly schema: z.ZodType
  readonly example: unknown
  /** Beside those that every message may have. */
  readonly headers?: Readonly<Record<string, string>>
  /** `application/json` unless it is bytes. */
  readonly contentType?: string
}

/** A service: what it is asked and what it answers, one of several kinds. */
export interface ServiceContract {
  readonly summary: string
  readonly request: MessageContract
  readonly answers: readonly MessageContract[]
  /** Answered on `murmur.tenants.<tenant>.…` too. */
  readonly isOfTenant: boolean
}

/** A subject that is published on, without an answer. */
export interface EventContract {
  readonly key: string
  /** With its parameters in braces. */
  readonly address: string
  readonly summary: string
  /** `receive`: Murmuration listens; `send`: it publishes. */
  readonly action: 'send' | 'receive'
  /** The stream that keeps it; core NATS without one. */
  readonly stream?: string
  readonly message: MessageContract
}
