import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import t from 'tap'
import { callErrorOf } from '../../../../loadtest/load/client/grpc-client.ts'
import { statusOf } from '../../../../services/edge/grpc/status-of.ts'
import { MurmurError } from '../../../../services/platform/errors/murmur-error.ts'

const errorOf = (about: { code: number; details: string; metadata?: Metadata }) =>
  Object.assign(new Error(about.details), { metadata: new Metadata(), ...about }) as ServiceError

t.test('what an edge says of an error is read: its code, and when to come back', async (t) => {
  const overloaded = new MurmurError('OVERLOADED', 'full', { retryAfterMs: 2500 })
  t.match(callErrorOf(errorOf(statusOf(overloaded, 'r1') as never)), {
    code: 'OVERLOADED',
    retryAfterMs: 2500,
    isRefusal: true,
  })
  const unknown = new MurmurError('UNKNOWN_AGENT', 'nobody')
  t.match(callErrorOf(errorOf(statusOf(unknown, 'r2') as never)), { code: 'UNKNOWN_AGENT', isRefusal: false })
})

t.test('what gRPC says itself has codes of our own', async (t) => {
  const of = (code: status) => callErrorOf(errorOf({ code, details: 'x' })).code
  t.equal(of(status.UNAVAILABLE), 'CONNECTION')
  t.equal(of(status.DEADLINE_EXCEEDED), 'CLIENT_TIMEOUT')
  t.equal(of(status.INTERNAL), 'GRPC_INTERNAL')
})
