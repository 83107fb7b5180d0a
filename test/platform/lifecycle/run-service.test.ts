import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import type { ReadyMessage } from '#platform/lifecycle/run-main.ts'
import { withServers } from '../../support/servers.ts'
import { serverEnv } from '../../support/services.ts'
import { ROOT } from '../../support/source-files.ts'

const servers = await withServers(t)

/** Resolves with the first line of the log that has this text. */
function logged(child: ChildProcess, text: string): Promise<Record<string, unknown>> {
  let log = ''
  return new Promise((resolve) => {
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk
      const line = log.split('\n').find((each) => each.includes(text) && each.endsWith('}'))
      if (line) resolve(JSON.parse(line) as Record<string, unknown>)
    })
  })
}

t.test('from waiting for NATS to the end: what /readyz says, facts and connections', async (t) => {
  await servers.killNats()
  const child = fork(join(ROOT, 'test/support/run-service-fixture.ts'), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...serverEnv(servers, 'edge'), MURMUR_LOG_LEVEL: 'info' },
  })
  t.teardown(() => child.kill('SIGKILL'))
  const ready = once(child, 'message') as Promise<[ReadyMessage]>
  const { port } = await logged(child, 'health server is listening')
  const readyz = `http://127.0.0.1:${port}/readyz`
  const waiting = await fetch(readyz)
  t.equal(waiting.status, 503)
  t.match(await waiting.json(), {
    checks: {
      nats: { ok: false, code: 'UNAVAILABLE', detail: /waiting for it/ },
      lifecycle: { ok: false, code: 'UNAVAILABLE', detail: 'the service is starting' },
    },
  })

  await servers.restartNats()
  const [{ service, facts }] = await ready
  t.equal(service, 'fixture')
  t.match(facts, { httpPort: port, server: /^2\./ })
  const up = await fetch(readyz)
  t.equal(up.status, 200)
  const { checks } = (await up.json()) as { checks: object }
  t.strictSame(Object.keys(checks), ['nats', 'frames', 'own'])

  const stopped = logged(child, '"closed: false false"')
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  t.ok(await stopped, 'connections are closed after what uses them')
  t.strictSame(await exit, [0, null])
})
