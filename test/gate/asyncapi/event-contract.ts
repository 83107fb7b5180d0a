import type { MessageSpec } from '#subjects/operations.ts'

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
  readonly message: MessageSpec
}
