import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import { openBus } from '../../support/bus.ts'
import { freePort } from '../../support/free-ports.ts'
import {
  type AssembledImage,
  assembleImage,
  isolatedCommand,
  whyNotIsolated,
} from '../../support/image-tree.ts'
import { withServers } from '../../support/servers.ts'
import { serverEnv } from '../../support/services.ts'
import { until } from '../../support/until.ts'

// Five trees are copied, which takes a while on a slow disk.
t.setTimeout(300_000)
/** What the images' HEALTHCHECK gives them to start in. */
const START_MS = 60_000
/** MURMUR_STOP_GRACE_MS, and the process's own end. */
const STOP_MS = 12_000

const skip = whyNotIsolated() ?? false
t.test('what the images hold is enough: a task runs, read-only, as their user', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-images-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const start = async (target: string, user: string, env: Record<string, string> = {}) => {
    const image = assembleImage(target, join(folder, `${target}-${user}`))
    return startTree(t, image, { ...serverEnv(servers, user), ...env })
  }
  const [edgePort, grpcPort] = [await freePort(), await freePort()]
  const orchestrator = await start('orchestrator', 'orchestrator', {
    MURMUR_ARCHIVE: '/tmp/archive',
    MURMUR_ARCHIVE_SEGMENT_MS: '200',
  })
  const others = await Promise.all([
    start('edge', 'edge', { MURMUR_EDGE_PORT: String(edgePort), MURMUR_EDGE_GRPC_PORT: String(grpcPort) }),
    start('report-agents', 'ingest', { MURMUR_AGENTS: 'ingest' }),
    start('report-agents', 'agents', { MURMUR_AGENTS: 'analysis,synthesis' }),
    start('api-caller', 'api-caller'),
    start('video', 'video', { MURMUR_RECORDINGS_DIR: '/tmp/recordings' }),
  ])

  const { secret } = (await bus.request(
    SERVICES.createKey,
    { name: 'images', tenant: 'default', scopes: ['tasks:read', 'tasks:write'] },
    { timeoutMs: 5000 },
  )) as { secret: string }
  const answer = await fetch(`http://127.0.0.1:${edgePort}/v1/tasks?wait=50`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'report',
      input: { title: 'May', sources: [{ name: 'sales.csv', text: 'month,sales\nmay,4\njune,5\n' }] },
    }),
  })
  t.match(await answer.json(), { task: { status: 'completed' } })
  t.match(await fetch(`http://127.0.0.1:${edgePort}/v1/tasks`), { status: 401 }, 'nobody without a key')
  await proveConsole(t, `http://127.0.0.1:${edgePort}`)
  await until('its thread has archived what happened', async () => {
    const exposed = await (await fetch(`http://127.0.0.1:${orchestrator.port}/metrics`)).text()
    return Number(/^murmur_archived_events_total (\d+)/m.exec(exposed)?.[1] ?? 0) > 0
  })

  for (const { child, image, port } of [orchestrator, ...others]) {
    const [program = '', ...args] = image.healthcheck
    const [, file = ''] = [program, ...args]
    const asked = spawnSync(process.execPath, [join(image.folder, file)], {
      env: { MURMUR_HTTP_PORT: String(port) },
      encoding: 'utf8',
    })
    t.equal(asked.status, 0, asked.stdout)
    const sinceMs = performance.now()
    child.kill('SIGTERM')
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
    t.equal(code, 0, `${image.folder.split('/').at(-1)} ends in order`)
    t.ok(performance.now() - sinceMs < STOP_MS, 'within the time that it is given')
  }
})

/** Its page, and the program and style that the page names, come from the edge. */
async function proveConsole(t: Test, url: string): Promise<void> {
  const page = await fetch(`${url}/`)
  t.match(page.headers.get('content-type'), /^text\/html/)
  const names = [...(await page.text()).matchAll(/(?:src|href)="(\/?[^"]+\.(?:js|css))"/g)].map(
    ([, name = '']) => name,
  )
  t.ok(
    names.some((name) => name.endsWith('.js')) && names.some((name) => name.endsWith('.css')),
    names.join(),
  )
  for (const name of names) t.equal((await fetch(new URL(name, `${url}/`))).status, 200, name)
}

/** Starts the tree and resolves when its /readyz says that it is ready. */
async function startTree(t: Test, image: AssembledImage, env: Record<string, string>) {
  const port = await freePort()
  const [program, args] = isolatedCommand(image)
  const log: string[] = []
  const child: ChildProcess = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      ...image.env,
      MURMUR_HTTP_PORT: String(port),
      MURMUR_LOG_LEVEL: 'warn',
      ...env,
    },
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => log.push(String(data)))
  t.teardown(() => child.kill('SIGKILL'))
  const untilMs = performance.now() + START_MS
  while (performance.now() < untilMs && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (answer?.ok) return { child, image, port }
    await systemClock.sleep(100)
  }
  throw new Error(`${image.folder} is not ready:\n${log.join('').slice(-4000)}`)
}
