import { randomUUID } from 'node:crypto'
import t from 'tap'
import { surveyRedis } from '#platform/redis/redis-survey.ts'
import { isTerminal } from '../../schemas/task.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { startRedisSentinels } from '../support/redis-sentinels.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const KINDS = [
  { name: 'a cluster, of which one node is named', start: startRedisCluster, options: { replicas: false } },
  { name: 'a master that sentinels watch', start: startRedisSentinels, options: { replicas: 1 } },
] as const
const TASKS = 24

for (const { name, start, options } of KINDS)
  t.test(`the whole stack on ${name}`, async (t) => {
    const [servers, redis] = await Promise.all([withServers(t), start(t, options as object)])
    const on = (user: string, env: Record<string, string> = {}) => ({
      MURMUR_REDIS_URL: redis.urlOf(user),
      ...env,
    })
    const [, , edge] = await Promise.all([
      startService(
        t,
        servers,
        'services/orchestrator/main.ts',
        on('orchestrator', { MURMUR_PARTITIONS: '8' }),
      ),
      startService(t, servers, 'loadtest/bench/noop-agents.ts'),
      startService(t, servers, 'services/edge/main.ts', on('edge', { MURMUR_EDGE_TENANT_LIMITS: '' })),
    ])
    const url = `http://127.0.0.1:${factsOf(edge).restPort}/v1/tasks`
    const plan = { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] }
    const submit = async () => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify({ type: 'plan', plan }),
      })
      t.equal(answer.status, 202)
      return ((await answer.json()) as { taskId: string }).taskId
    }
    const ids = await Promise.all(Array.from({ length: TASKS }, submit))
    for (const id of ids) {
      let status: string | undefined
      await until('it has ended', async () => {
        const answer = (await (await fetch(`${url}/${id}`)).json()) as { task?: { status: string } }
        status = answer.task?.status ?? (answer as { status?: string }).status
        return status !== undefined && isTerminal(status as 'completed')
      })
      t.equal(status, 'completed')
    }
    t.notMatch(await surveyRedis(redis.urlOf()), { unanswered: String })

    const limited = await startService(
      t,
      servers,
      'services/edge/main.ts',
      on('edge', { MURMUR_EDGE_REQUESTS_PER_SECOND: '1', MURMUR_EDGE_REQUEST_BURST: '3' }),
    )
    const asked = await Promise.all(
      Array.from({ length: 12 }, () => fetch(`http://127.0.0.1:${factsOf(limited).restPort}/v1/tasks`)),
    )
    const statuses = asked.map(({ status }) => status)
    t.ok(statuses.includes(200), 'some are let in')
    t.ok(statuses.includes(429), 'the others are over the rate that is kept in Redis')
  })
