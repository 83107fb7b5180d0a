import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { watchJetStream } from '../../../../deploy/local/servers/jetstream-watch.ts'

/** A monitor that answers like NATS; `polled` resolves with the n-th question from now. */
async function monitorOf(t: Test, answer: () => { status: number; body: string }) {
  const server = createServer((_request, response) => {
    const { status, body } = answer()
    response.writeHead(status).end(body)
    server.emit('polled')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const polled = async (times: number) => {
    for (let i = 0; i < times; i++) await once(server, 'polled')
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, polled }
}

t.test('a JetStream that stopped on a full disk is told once there is room', async (t) => {
  const { url } = await monitorOf(t, () => ({
    status: 503,
    body: JSON.stringify({ status: 'unavailable', error: 'JetStream stream write error: no space left' }),
  }))
  const why = await new Promise<string>((resolve) => {
    const end = watchJetStream({
      monitorUrl: url,
      dataDir: t.testdir({}),
      onStuck: resolve,
      roomBytes: 0,
      pollIntervalMs: 5,
    })
    t.teardown(end)
  })
  t.match(why, /no space left/)
})

t.test(
  'without room, with another fault, when healthy, and when it answers nonsense: nothing is told',
  async (t) => {
    const cases = [
      { status: 503, body: '{"error":"write error"}', roomBytes: Number.MAX_SAFE_INTEGER },
      { status: 503, body: '{"error":"recovering streams"}', roomBytes: 0 },
      { status: 200, body: '{"status":"ok","error":"write error"}', roomBytes: 0 },
      { status: 503, body: 'write error', roomBytes: 0 },
    ]
    for (const { status, body, roomBytes } of cases) {
      const { url, polled } = await monitorOf(t, () => ({ status, body }))
      const end = watchJetStream({
        monitorUrl: url,
        dataDir: t.testdir({}),
        onStuck: (why) => t.fail(`told: ${why}`),
        roomBytes,
        pollIntervalMs: 5,
      })
      // The first answers have been judged when the third question comes: one is asked after the other.
      await polled(3)
      end()
      t.pass(body)
    }
  },
)
