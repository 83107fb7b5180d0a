import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import { isOwnPeer, ownerIn } from '../../../../../services/agents/video/capture/source/own-peer.ts'

t.test('whose the other end of a connection is', async (t) => {
  const table = ` sl local rem st
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   0 0 1 1 0 100 0 0 10 0
   1: 0100007F:C001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1234 0 2 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000 0 3 1 0 20 4 30 10 -1
`
  t.equal(ownerIn(table, { from: 0xc001, to: 0x1f90 }), 1234)
  t.equal(ownerIn(table, { from: 0x1f90, to: 0xc001 }), 1000)
  t.equal(ownerIn(table, { from: 1, to: 2 }), undefined)
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const [[socket]] = (await Promise.all([
    once(server, 'connection'),
    once(connect((server.address() as AddressInfo).port, '127.0.0.1'), 'connect'),
  ])) as [[Socket], unknown]
  t.equal(await isOwnPeer(socket), true)
  socket.destroy()
})
