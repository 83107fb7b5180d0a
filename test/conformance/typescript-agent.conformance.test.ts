import { fork } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { runAgentCases } from './agent-cases.ts'

t.setTimeout(170_000)

t.test('the kit for agents keeps the protocol', async (t) => {
  await runAgentCases(t, (t, natsUrl) => {
    const agent = fork(join(import.meta.dirname, 'word-count-agent.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        MURMUR_NATS_URL: natsUrl,
        MURMUR_LOG_LEVEL: 'error',
        MURMUR_STOP_GRACE_MS: '3000',
      },
    })
    t.teardown(() => agent.kill('SIGKILL'))
    return agent
  })
})
