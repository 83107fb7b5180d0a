import t from 'tap'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '1' })

t.test('a process runs those of its agents that it was asked for, in its own order', async (t) => {
  for (const [asked, runs] of [
    ['synthesis,ingest', 'ingest synthesis'],
    ['analysis', 'analysis'],
  ]) {
    const child = await startService(t, servers, 'services/agents/report/main.ts', { MURMUR_AGENTS: asked! })
    t.equal(factsOf(child).agents, runs)
  }
})

t.test('one that it does not have ends it with a reason', async (t) => {
  const asked = { MURMUR_AGENTS: 'ingest,api-caller', MURMUR_LOG_LEVEL: 'silent' }
  await t.rejects(startService(t, servers, 'services/agents/report/main.ts', asked), /ended with 1/)
})
