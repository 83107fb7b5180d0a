import type { z } from 'zod'
import type { Scope } from '#schemas/api-key.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import type { MicroService } from './micro-services.ts'
import type { RestRoute } from './rest-route.ts'

/** One kind of message: what it is called, what it looks like, and one of them. */
export interface MessageSpec<Schema extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly schema: Schema
  readonly example: unknown
  /** Beside those that every message may have. */
  readonly headers?: Readonly<Record<string, string>>
  /** `application/json` unless it is bytes. */
  readonly contentType?: string
}

/** What one operation of the API is, on every transport. */
export interface Operation {
  readonly summary: string
  /** What a credential has to be good for; without one no client of an edge may ask. */
  readonly scope?: Scope
  /** Changes something: an edge writes it into its audit log. */
  readonly isChange?: true
  /**
   * Asked twice it does what it does once, and it is answered soon: it is asked again when no answer has come, as after the death of the process
   * that had it in hand.
   */
  readonly isRepeatable?: true
  /** What it may be refused for, beside what everything may be refused for. */
  readonly errors?: readonly ErrorCode[]
  readonly rest?: readonly RestRoute[]
  /** `Service.Method` of the package `murmuration.v1`, which is written by hand. */
  readonly grpc?: readonly string[]
}

/** An operation that is answered on NATS. */
export interface NatsOperation<Request extends z.ZodType = z.ZodType, Response extends z.ZodType = z.ZodType>
  extends Operation {
  /** `murmur.<noun>.<verb>`: one that no stream captures. */
  readonly subject: string
  readonly service: MicroService
  /**
   * `tenant`: clients may ask it, each for its own tenant, and it is answered on a subject of each tenant too.
   * `agent`: it is answered on a subject of each agent type only, and agents may ask it about their own.
   */
  readonly per?: 'tenant' | 'agent'
  readonly request: MessageSpec<Request>
  /** One of them is the answer. */
  readonly response: MessageSpec<Response>
  /** The request goes to its handler as it came, which checks it from its bytes on. */
  readonly isRaw?: true
  /** Answered with many messages. */
  readonly isStream?: true
  /** The largest request. Bytes; that of a submission unless given. */
  readonly maxRequestBytes?: number
}

export function message<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  example: unknown,
  more: Pick<MessageSpec, 'headers'> = {},
): MessageSpec<Schema> {
  return { name, schema, example, ...more }
}

/** A row of the catalogue, with the types of its messages. */
export function onNats<const Row extends NatsOperation>(operation: Row): Row {
  return operation
}
