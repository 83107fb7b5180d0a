import { status } from '@grpc/grpc-js'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  ErrorInfo,
  RetryInfo,
  Status,
} from '../../../services/edge/grpc/generated/google/rpc/error_details.ts'
import { statusCodeOf, statusOf } from '../../../services/edge/grpc/status-of.ts'

t.test('where gRPC can say more than HTTP, it does', async (t) => {
  t.equal(statusCodeOf({ code: 'IDEMPOTENCY_CONFLICT', status: 409 }), status.ALREADY_EXISTS)
  t.equal(statusCodeOf({ code: 'TASK_NOT_FOUND', status: 404 }), status.NOT_FOUND)
  t.equal(statusCodeOf({ code: 'INTERNAL', status: 418 }), status.UNKNOWN)
})

t.test('details name the code, the request, and when to try again', async (t) => {
  const error = new MurmurError('OVERLOADED', 'x'.repeat(2000), { retryAfterMs: 1500 })
  const { details, metadata } = statusOf(error, 'r1')
  t.equal(details?.length, 1000)
  const told = Status.decode(metadata!.get('grpc-status-details-bin')[0] as Buffer)
  const of = (name: string) => told.details!.find(({ typeUrl }) => typeUrl?.endsWith(name))!.value!
  t.equal(ErrorInfo.decode(of('ErrorInfo')).reason, 'OVERLOADED')
  t.match(RetryInfo.decode(of('RetryInfo')).retryDelay, { seconds: 1, nanos: 500_000_000 })
})
