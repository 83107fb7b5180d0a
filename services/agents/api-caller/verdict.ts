import type { HttpAnswer } from '#platform/http/http-client.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { ErrorCode } from '#schemas/problem.ts'

/** What one attempt means for the call. */
export type Verdict =
  /** The answer is as wanted. */
  | { kind: 'done'; answer: HttpAnswer; graphql?: GraphqlAnswer }
  /** It would be the same every time. */
  | { kind: 'fail'; code: ErrorCode; why: string }
  /** It may pass. */
  | Again
  /** There is no point in waiting here for it. */
  | { kind: 'later'; code: ErrorCode; why: string; afterMs: number }

export interface Again {
  kind: 'again'
  code: ErrorCode
  why: string
  /** The service asked for so long. */
  afterMs?: number
  /** Whether the request may have had its effect, so that sending it again needs a key. */
  mayHaveArrived: boolean
  /** Whether it counts against the endpoint's health. */
  endpointIll: boolean
}

export interface GraphqlAnswer {
  data: JsonValue
  errors: GraphqlError[]
}

export interface GraphqlError {
  message: string
  code?: string
}
