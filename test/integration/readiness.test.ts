import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { freePort } from '../support/free-ports.ts'
import { withServers } from '../support/servers.ts'
import { serverEnv, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

const MAIN = join(import.meta.dirname, '../../services/orchestrator/main.ts')
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)

const ask = (service: string, body: object) => bus.request(service, body, { timeoutMs: 5000 })
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: unknown) => (error instanceof MurmurError ? error.code : String(error)),
  )

/** As a supervisor sees it: nothing but its port. */
async function start(): Promise<{ child: ChildProcess; readyz(): Promise<Response | undefined> }> {
  const port = await freePort()
  const env = { ...process.env, ...serverEnv(servers, 'orchestrator'), MURMUR_HTTP_PORT: String(port) }
  const child = spawn(process.execPath, [MAIN], {
    stdio: 'ignore',
    env: { ...env, MURMUR_LOG_LEVEL: 'silent' },
  })
  t.teardown(() => stopChild(child))
  return { child, readyz: () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined) }
}
const isReady = async ({ readyz }: Awaited<ReturnType<typeof start>>) => (await readyz())?.ok === true

/** Tasks of every partition, asked for in the moment in which they are said to be answered for. */
const answers = async (prefix: string) => {
  const ids = Array.from({ length: 64 }, (_, i) => `${prefix}-${i}`)
  return new Set(await Promise.all(ids.map((taskId) => codeOf(ask(SERVICES.getTask, { taskId })))))
}

t.test('when two orchestrators say that they are ready, every task is answered for', async (t) => {
  const both = await Promise.all([start(), start()])
  await until('both are ready', async () => (await Promise.all(both.map(isReady))).every(Boolean), 30_000)
  t.strictSame(await answers('first'), new Set(['TASK_NOT_FOUND']), 'nobody has to be asked again')

  for (const { child } of both) child.kill('SIGKILL')
  await Promise.all(both.map(({ child }) => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
  const next = await start()
  const said: string[] = []
  await until(
    'another one is ready',
    async () => {
      const answer = await next.readyz()
      if (answer?.ok === false) said.push(await answer.text())
      return answer?.ok === true
    },
    30_000,
  )
  t.ok(
    said.some((text) => /partition \d+ is still another's/.test(text)),
    'it waits for the leases of the dead',
  )
  t.strictSame(await answers('second'), new Set(['TASK_NOT_FOUND']))
})
