import { readdirSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startLocalStack } from '../../../deploy/local/stack.ts'

// A stack whose clients have to say who they are, as a process of another user of the machine sees it.

/** What NATS says to somebody without a password. */
function answerToStranger(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let said = ''
    socket.on('error', reject)
    socket.on('close', () => resolve(said))
    socket.on('data', (chunk) => {
      said += chunk
      if (/PONG|-ERR/.test(said)) socket.destroy()
    })
    socket.write('CONNECT {"verbose":false}\r\nPING\r\n')
  })
}

t.test('no guest on NATS, and no file that others may read', async (t) => {
  const home = t.testdir()
  const env = { ...process.env, MURMUR_EDGE_AUTH: 'required' }
  const stack = await startLocalStack({ home, agentMains: [], env })
  t.teardown(() => stack.stop())
  const said = await answerToStranger(Number(new URL(stack.natsUrl).port))
  t.match(said, /-ERR 'Authorization Violation'/)
  t.notMatch(said, /PONG/)
  const open = ['data', 'logs', 'run'].flatMap((folder) =>
    [
      folder,
      ...readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    ].filter((name) => (statSync(join(home, name), { throwIfNoEntry: false })?.mode ?? 0) & 0o077),
  )
  t.strictSame(open, [])
  const { edge } = Object.fromEntries(stack.services.map((service) => [service.name, service]))
  t.equal((await fetch(`${edge?.restUrl}/v1/tasks`)).status, 401)
})
