import t from 'tap'
import { stackUsers, userOfMain } from '../../../../deploy/local/stack/stack-users.ts'

t.test('a process connects as what it is; what is not ours is any agent', async (t) => {
  t.equal(userOfMain('/anywhere/my-agent.ts'), 'own-agents')
  t.equal(userOfMain('/x/services/agents/video-agents.ts'), 'video')
  t.equal(userOfMain('/x/services/agents/report/ingest/main.ts'), 'ingest')
  t.equal(userOfMain('C:\\x\\services\\edge\\main.ts'), 'edge')
  t.equal(userOfMain('/x/other-services/edge/main.js'), 'own-agents')
})

t.test('every user of the stack has its roles, and agents of reports none of Redis', async (t) => {
  const { processes, guest } = stackUsers('nobody')
  t.equal(guest, 'nobody')
  t.strictSame(Object.keys(processes).toSorted(), [
    'agents',
    'api-caller',
    'detection',
    'edge',
    'ingest',
    'operator',
    'orchestrator',
    'own-agents',
    'video',
  ])
  t.strictSame(processes.orchestrator, { nats: [{ kind: 'orchestrator' }], redis: ['orchestrator'] })
  t.strictSame(processes.agents?.redis, [])
  const types = (user: string) => processes[user]!.nats.flatMap((role) => ('type' in role ? role.type : []))
  t.strictSame(types('ingest'), ['ingest'], 'what parses files of strangers is nobody else')
  t.strictSame(types('agents'), ['analysis', 'synthesis'], 'nor takes it steps of who has secrets')
  t.strictSame(types('api-caller'), ['api-caller'])
  t.strictSame(processes['own-agents']?.nats, [{ kind: 'any-agent' }])
})
