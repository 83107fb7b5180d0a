import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Caller } from '../../../services/edge/access/access.ts'
import {
  Admission,
  MAX_HALF_SENT_BYTES,
  MAX_STRANGER_REQUESTS,
} from '../../../services/edge/access/admission.ts'
import { TrustedProxies } from '../../../services/edge/access/client-address.ts'

const caller = (subject: string): Caller => ({ tenant: 'acme', subject, scopes: new Set() })

/** A connection as far as it is counted. */
function socketFrom(remoteAddress: string) {
  const socket = Object.assign(new EventEmitter(), { remoteAddress, destroyed: false, destroy })
  function destroy() {
    socket.destroyed = true
  }
  return socket as EventEmitter & { destroyed: boolean } & Socket
}

t.test('connections: each address has its own, trusted proxies have all', async (t) => {
  const admission = new Admission({ connectionsPerAddress: 2, proxies: new TrustedProxies(['10.0.0.1']) })
  const sockets = [1, 2, 3].map(() => socketFrom('192.0.2.1'))
  t.strictSame(
    sockets.map((socket) => admission.takeConnection(socket)),
    [true, true, false],
  )
  t.ok(sockets[2]?.destroyed)
  t.ok(admission.takeConnection(socketFrom('192.0.2.2')))
  sockets[0]?.emit('close')
  t.ok(admission.takeConnection(socketFrom('::ffff:192.0.2.1')), 'one has gone')
  for (let i = 0; i < 10; i++) t.ok(admission.takeConnection(socketFrom('10.0.0.1')))
})

t.test('requests: of strangers by their address, of callers by their credential', async (t) => {
  const admission = new Admission({ requestsPerCredential: 2 })
  const leaves = Array.from({ length: MAX_STRANGER_REQUESTS }, () => admission.enterStranger('192.0.2.1'))
  t.throws(() => admission.enterStranger('192.0.2.1'), { code: 'RATE_LIMITED', retryAfterMs: Number })
  admission.enterStranger('192.0.2.2')
  leaves[0]?.()
  admission.enterStranger('192.0.2.1')
  const leave = admission.enterCaller(caller('key:a'))
  admission.enterCaller(caller('key:a'))
  t.throws(() => admission.enterCaller(caller('key:a')), { code: 'RATE_LIMITED' })
  admission.enterCaller(caller('key:b'))
  leave()
  admission.enterCaller(caller('key:a'))
})

t.test('half-sent messages: one credential has its part, and all together have theirs', async (t) => {
  const admission = new Admission()
  const { perCredential, all } = MAX_HALF_SENT_BYTES
  const message = admission.halfSentBy(caller('key:a'))
  message.add(perCredential - 1000)
  t.equal(message.bytes, perCredential - 1000)
  const second = admission.halfSentBy(caller('key:a'))
  t.throws(() => second.add(1000), { code: 'OVERLOADED', retryAfterMs: Number })
  const before = admission.halfSentBytes
  second.end()
  t.equal(admission.halfSentBytes, before, 'what was refused is not counted')
  for (let i = 0; i < all / perCredential - 1; i++)
    admission.halfSentBy(caller(`key:${i}`)).add(perCredential - 1000)
  t.throws(() => admission.halfSentBy(caller('key:last')).add(10_000), { code: 'OVERLOADED' })
  message.end()
  message.end()
  admission.halfSentBy(caller('key:last')).add(10_000)
})

t.test('a byte a piece costs more than a byte', async (t) => {
  const admission = new Admission()
  const message = admission.halfSentBy(caller('key:a'))
  for (let i = 0; i < 100; i++) message.add(1)
  t.equal(message.bytes, 100)
  t.ok(admission.halfSentBytes > 10_000)
  message.end()
  t.equal(admission.halfSentBytes, 0)
})
