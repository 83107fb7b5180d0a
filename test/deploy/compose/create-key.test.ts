import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { OPERATOR } from '../../../deploy/local/stack/stack-users.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, serverEnv, startService } from '../../support/services.ts'

const PROGRAM = join(import.meta.dirname, '../../../deploy/compose/create-key.ts')
const servers = await withServers(t)
const run = promisify(execFile)

t.test('an operator makes a key that the edge takes, also when that has only been started', async (t) => {
  const env = { ...process.env, ...serverEnv(servers, OPERATOR) }
  const making = run(process.execPath, [PROGRAM, 'first', 'acme'], { env })
  await startService(t, servers, 'services/orchestrator/main.ts')
  const edge = await startService(t, servers, 'services/edge/main.ts', { MURMUR_EDGE_AUTH: 'required' })
  const { stdout } = await making
  const key = stdout.trim()
  t.match(key, /^mur_\S+$/, 'the key and nothing else')
  const ask = (secret: string) =>
    fetch(`http://127.0.0.1:${factsOf(edge).restPort}/v1/tasks`, {
      headers: { authorization: `Bearer ${secret}` },
    })
  t.equal((await ask(key)).status, 200)
  t.equal((await ask(`${key}x`)).status, 401)
})

t.test('who is no operator gets none', async (t) => {
  const env = { ...process.env, ...serverEnv(servers, 'agents') }
  await t.rejects(run(process.execPath, [PROGRAM, 'first', 'acme'], { env }), { code: 1, stdout: '' })
})
