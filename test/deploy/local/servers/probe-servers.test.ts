import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import {
  addressOf,
  credentialsIn,
  probeNats,
  probeRedis,
  redisInfo,
} from '../../../../deploy/local/servers/probe-servers.ts'

/** A server that answers what it is sent with the next of these pieces. */
async function answering(t: Test, onConnect: (socket: Socket, heard: string[]) => void) {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => heard.push(text))
    socket.on('error', () => undefined)
    onConnect(socket, heard)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, heard }
}

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`

t.test('addresses and credentials of URLs', async (t) => {
  t.strictSame(addressOf('nats://h:1', 4222), { host: 'h', port: 1 })
  t.strictSame(addressOf('redis://h', 6379), { host: 'h', port: 6379 })
  t.strictSame(credentialsIn('redis://a%40b:p%3A@h'), { user: 'a@b', password: 'p:' })
  t.strictSame(credentialsIn('redis://:secret@h'), { user: 'default', password: 'secret' })
  t.equal(credentialsIn('redis://h:1'), undefined)
})

t.test('NATS says who it is in its first line, in however many pieces', async (t) => {
  const { address } = await answering(t, (socket) => {
    socket.write('INFO {"server_name":"n1",')
    setImmediate(() => socket.write('"version":"2.15.0"} \r\n'))
  })
  t.strictSame(await probeNats(address), { name: 'n1', version: '2.15.0' })
  const other = await answering(t, (socket) => socket.end('HTTP/1.1 400\r\n'))
  t.equal(await probeNats(other.address), undefined)
})

t.test('Redis is logged into and asked; while it loads it says nothing of itself', async (t) => {
  const info = '# Server\r\nredis_version:7.0.15\r\nprocess_id:42\r\n'
  const up = await answering(t, (socket) => socket.write(`+OK\r\n+PONG\r\n${bulk(info)}`))
  t.strictSame(await probeRedis(up.address, { user: 'u', password: 'p' }), { pid: 42, version: '7.0.15' })
  t.equal(up.heard.join(''), 'AUTH u p\r\nPING\r\nINFO server\r\n')
  const valkey = 'redis_version:7.2.4\r\nvalkey_version:8.1.1\r\nprocess_id:1\r\n'
  const other = await answering(t, (socket) => socket.write(`+PONG\r\n${bulk(valkey)}`))
  t.match(await probeRedis(other.address), { version: '8.1.1' })
  const loading = await answering(t, (socket) => socket.write(`-LOADING data\r\n${bulk(info)}`))
  t.equal(await redisInfo(loading.address, 'server'), undefined)
  const refusing = await answering(t, (socket) => socket.write('-NOAUTH\r\n'))
  t.equal(await probeRedis(refusing.address), undefined)
})

t.test('where nobody listens there is nothing', async (t) => {
  t.equal(await probeNats({ host: '127.0.0.1', port: 9 }), undefined)
  t.equal(await probeRedis({ host: '127.0.0.1', port: 9 }), undefined)
})
