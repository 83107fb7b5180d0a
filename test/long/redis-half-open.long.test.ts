import t, { type Test } from 'tap'
import { type LinkProxy, withLinkProxy } from '../support/link-proxy.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

/** What a person would wait for at most: commands of 2 s, a connection given up, another one. */
const RECOVERS_TIMEOUT_MS = 8000
const step = { id: 'a', agent: 'chaos', input: { value: 1, times: 2, plus: 3, workMs: 1 } }
const servers = await withServers(t)
const redisPort = Number(new URL(servers.redisUrl).port)

async function startOrchestrator(t: Pick<Test, 'teardown'>, link: LinkProxy): Promise<string> {
  const url = link.through(servers.redisUrlOf('orchestrator'))
  const env = { MURMUR_REDIS_URL: url, MURMUR_PARTITIONS: '4', MURMUR_LOG_LEVEL: 'fatal' }
  const { httpPort } = factsOf(await startService(t, servers, 'services/orchestrator/main.ts', env))
  return `http://127.0.0.1:${httpPort}/readyz`
}

const links = [await withLinkProxy(t, redisPort), await withLinkProxy(t, redisPort)] as const
const [ready, edge] = await Promise.all([
  Promise.all(links.map((link) => startOrchestrator(t, link))),
  startService(t, servers, 'services/edge/main.ts'),
  startService(t, servers, 'test/support/chaos-agent.ts'),
])
const rest = `http://127.0.0.1:${factsOf(edge).restPort}/v1/tasks`

interface Answer {
  askedMs: number
  status: number
  code: string | undefined
  retryAfterMs: number | undefined
}

/** Clients that submit under keys and read back, one after the other, until they are told to stop. */
function useIt(run: string): { answers: Answer[]; stop(): Promise<void> } {
  const answers: Answer[] = []
  let isOver = false
  const ask = async (url: string, init?: RequestInit) => {
    const askedMs = performance.now()
    const response = await fetch(url, init)
    const body = (await response.json()) as { taskId?: string } & Partial<Answer>
    const { code, retryAfterMs } = body
    answers.push({ askedMs, status: response.status, code, retryAfterMs })
    return body
  }
  const client = async (name: number) => {
    for (let i = 0; !isOver; i++) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': `${run}-${name}-${i}` }
      const body = JSON.stringify({ type: 'plan', plan: { steps: [step] } })
      const { taskId } = await ask(rest, { method: 'POST', headers, body })
      if (taskId) await ask(`${rest}/${taskId}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, (_, name) => client(name)))
  return {
    answers,
    async stop() {
      isOver = true
      await clients
    },
  }
}

const readiness = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, body: (await response.json()) as object }
}

t.test('one of two orchestrators loses Redis half-way: the other one answers', async (t) => {
  const isReady = async (url: string) => (await readiness(url)).status === 200
  await until('the partitions are shared out', async () =>
    (await Promise.all(ready.map(isReady))).every(Boolean),
  )
  const use = useIt('one')
  await until('it works', () => use.answers.length > 50)
  t.ok(use.answers.every(({ status }) => status < 300))
  links[0].stall()
  await until('it says that it can not serve', async () => (await readiness(ready[0]!)).status === 503, 5000)
  t.match((await readiness(ready[0]!)).body, {
    ok: false,
    checks: { nats: { ok: true }, redis: { ok: false, code: 'UNAVAILABLE' } },
  })
  // It takes over partitions meanwhile, and is not ready while one of them is being opened.
  await until('the other one is ready', async () => (await readiness(ready[1]!)).status === 200, 10_000)
  const before = use.answers.splice(0)
  t.notOk(
    before.some(({ status }) => status >= 500 && status !== 503),
    'what failed before that was told to be 503',
  )
  // What was asked before it left the queue groups may still end with it.
  const leftMs = performance.now()
  const after = () => use.answers.filter(({ askedMs }) => askedMs > leftMs)
  await until('clients go on', () => after().length > 200, 20_000)
  t.strictSame(
    after().filter(({ status }) => status >= 300),
    [],
    'everything is answered by the other one',
  )
  links[0].heal()
  const healedMs = performance.now()
  await until('it serves again', async () => (await readiness(ready[0]!)).status === 200)
  t.ok(performance.now() - healedMs < RECOVERS_TIMEOUT_MS, `after ${performance.now() - healedMs} ms`)
  await use.stop()
  // While partitions change hands again, a few are told to ask again, and nothing worse.
  const refused = after().filter(({ status }) => status >= 500)
  t.ok(
    refused.every(({ status, code, retryAfterMs }) => status === 503 && code && retryAfterMs),
    JSON.stringify(refused),
  )
  t.ok(refused.length <= after().length / 20, `${refused.length} of ${after().length}`)
})

t.test('both lose it: clients are told to come again, and all is well when it is back', async (t) => {
  for (const link of links) link.stall()
  for (const url of ready) await until('not ready', async () => (await readiness(url)).status === 503, 5000)
  const use = useIt('both')
  // An edge holds them for ten seconds, in case somebody can answer by then.
  await until('clients were answered', () => use.answers.length > 2, 40_000)
  t.ok(
    use.answers.every(
      ({ status, code, retryAfterMs }) =>
        status === 503 && code === 'UNAVAILABLE' && Number(retryAfterMs) > 0,
    ),
    JSON.stringify(use.answers.find(({ status }) => status !== 503)),
  )
  for (const link of links) link.heal()
  const healedMs = performance.now()
  for (const url of ready) await until('ready', async () => (await readiness(url)).status === 200)
  t.ok(performance.now() - healedMs < RECOVERS_TIMEOUT_MS, `after ${performance.now() - healedMs} ms`)
  use.answers.splice(0)
  await until('they are served', () => use.answers.filter(({ status }) => status < 300).length > 50)
  await use.stop()
})
