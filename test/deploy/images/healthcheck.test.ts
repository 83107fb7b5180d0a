import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'

const PROGRAM = join(import.meta.dirname, '../../../deploy/images/healthcheck.mjs')

/** What the program says of a service that answers so; undefined: of a port where nobody is. */
async function asked(
  t: { teardown(end: () => void): void },
  answer: { status: number; body: string } | undefined,
) {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? answer!.status : 404)
    response.end(answer!.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  if (answer) t.teardown(() => void server.close())
  else server.close()
  const child = spawn(process.execPath, [PROGRAM], { env: { MURMUR_HTTP_PORT: String(port) } })
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  const [code] = await once(child, 'close')
  return { code, said }
}

t.test('0 for a service that is ready; else 1, and what is wrong', async (t) => {
  t.strictSame(await asked(t, { status: 200, body: '{"ok":true}' }), { code: 0, said: '{"ok":true}' })
  t.strictSame(await asked(t, { status: 503, body: '{"ok":false}' }), { code: 1, said: '{"ok":false}' })
  t.match(await asked(t, undefined), { code: 1, said: /ECONNREFUSED/ })
  const long = await asked(t, { status: 503, body: 'x'.repeat(100_000) })
  t.strictSame([long.code, long.said.length], [1, 4000], 'engines keep the beginning')
})
