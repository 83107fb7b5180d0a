import t from 'tap'
import {
  serviceEnvironment,
  serviceName,
  serviceNodeOptions,
} from '../../../../deploy/local/stack/service-spec.ts'

t.test('a service is called as its file, or as the folder when the file says nothing', async (t) => {
  t.equal(serviceName('/x/services/agents/report-agents.ts', []), 'report-agents')
  t.equal(serviceName('/x/services/edge/main.ts', []), 'edge')
  t.equal(serviceName('/x/word-count/src/index.mjs', []), 'word-count')
  t.equal(serviceName('/x/dist/agent.js', []), 'x')
})

t.test('equal names are numbered', async (t) => {
  t.equal(serviceName('/a/echo.ts', [{ name: 'echo' }]), 'echo-2')
  t.equal(serviceName('/b/echo.ts', [{ name: 'echo' }, { name: 'echo-2' }]), 'echo-3')
  t.equal(serviceName('/b/echo.ts', [{ name: 'echo-server' }]), 'echo')
})

t.test('Node gets the room that the service needs', async (t) => {
  t.strictSame(serviceNodeOptions('/x/services/agents/video/detection/main.ts'), ['--max-semi-space-size=1'])
  t.strictSame(serviceNodeOptions('C:\\x\\edge\\main.js'), [
    '--max-semi-space-size=8',
    '--heap-growing-percent=100',
  ])
  t.strictSame(serviceNodeOptions('/x/my-agent.ts'), ['--max-semi-space-size=32'])
})

t.test('the agents of reports give back what they have freed; others are started as they are', async (t) => {
  t.match(serviceEnvironment('/x/services/agents/report-agents.ts'), { MALLOC_ARENA_MAX: '2' })
  t.match(serviceEnvironment('/x/services/agents/report/ingest/main.ts'), { MALLOC_ARENA_MAX: '2' })
  t.strictSame(serviceEnvironment('/x/services/orchestrator/main.ts'), {})
})
