import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { toProblem } from '#platform/errors/murmur-error.ts'
import type { ErrorCode, Problem } from '#schemas/problem.ts'
import type { Any } from './generated/google/protobuf/any.ts'
import {
  BadRequest,
  ErrorInfo,
  RequestInfo,
  RetryInfo,
  Status,
} from './generated/google/rpc/error_details.ts'

const TYPE = 'type.googleapis.com/google.rpc.'
const DOMAIN = 'murmuration'
/** Longer texts don't fit into a trailer that everybody reads. */
const MAX_DETAILS_BYTES = 6000
const MAX_MESSAGE = 1000

/** Codes whose HTTP status says less than gRPC can. */
const EXACT: Partial<Record<ErrorCode, status>> = {
  IDEMPOTENCY_CONFLICT: status.ALREADY_EXISTS,
  SINGLETON_CONFLICT: status.ALREADY_EXISTS,
  TASK_ALREADY_FINISHED: status.FAILED_PRECONDITION,
  TASK_NOT_FINISHED: status.FAILED_PRECONDITION,
  TASK_FAILED: status.FAILED_PRECONDITION,
  ALERT_STATE_CONFLICT: status.FAILED_PRECONDITION,
  PAYLOAD_TOO_LARGE: status.INVALID_ARGUMENT,
  CANCELLED: status.CANCELLED,
  BLOB_CORRUPT: status.DATA_LOSS,
  PAYLOAD_UNREADABLE: status.DATA_LOSS,
}

const BY_HTTP: Record<number, status> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  405: status.UNIMPLEMENTED,
  409: status.ABORTED,
  413: status.INVALID_ARGUMENT,
  415: status.INVALID_ARGUMENT,
  422: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  502: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
}

/** The gRPC status of an error of the catalogue. */
export function statusCodeOf({ code, status: http }: Pick<Problem, 'code' | 'status'>): status {
  return EXACT[code] ?? BY_HTTP[http] ?? status.UNKNOWN
}

/** Any thrown value as gRPC has it: a code, a message, and `google.rpc.Status` with why, where and when to try again. */
export function statusOf(error: unknown, requestId: string, traceId?: string): StatusObject {
  const problem = toProblem(error)
  const code = statusCodeOf(problem)
  const message = problem.message.slice(0, MAX_MESSAGE)
  const metadata = new Metadata()
  const bytes = Status.encode({ code, message, details: detailsOf(problem, requestId, traceId) }).finish()
  metadata.set('grpc-status-details-bin', Buffer.from(bytes))
  return { code, details: message, metadata }
}

function detailsOf(
  { code, fix, issues = [], retryAfterMs, taskId }: Problem,
  requestId: string,
  traceId: string | undefined,
): Any[] {
  const metadata = {
    fix,
    ...(taskId !== undefined && { taskId }),
    ...(traceId !== undefined && { traceId }),
  }
  const info = ErrorInfo.encode({ reason: code, domain: DOMAIN, metadata }).finish()
  const details: Any[] = [
    { typeUrl: `${TYPE}ErrorInfo`, value: Buffer.from(info) },
    { typeUrl: `${TYPE}RequestInfo`, value: Buffer.from(RequestInfo.encode({ requestId }).finish()) },
  ]
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: Math.floor(retryAfterMs / 1000),
      nanos: Math.round((retryAfterMs % 1000) * 1e6),
    }
    details.push({
      typeUrl: `${TYPE}RetryInfo`,
      value: Buffer.from(RetryInfo.encode({ retryDelay }).finish()),
    })
  }
  const fieldViolations = issues.map(({ path, message }) => ({ field: path, description: message }))
  // As many of them as fit.
  for (let count = fieldViolations.length; count > 0; count = Math.floor(count / 2)) {
    const value = BadRequest.encode({ fieldViolations: fieldViolations.slice(0, count) }).finish()
    if (value.length > MAX_DETAILS_BYTES) continue
    details.push({ typeUrl: `${TYPE}BadRequest`, value: Buffer.from(value) })
    break
  }
  return details
}
