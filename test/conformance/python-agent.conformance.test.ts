import { spawnSync } from 'node:child_process'
import t from 'tap'
import { startProgram } from '../support/services.ts'
import { runAgentCases } from './agent-cases.ts'

t.setTimeout(170_000)

t.test('the agent in Python keeps the protocol', async (t) => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    t.comment('skipped: there is no python3 on this machine')
    return
  }
  await runAgentCases(t, (t, natsUrl) =>
    startProgram(t, 'python3', ['examples/agents/word_count.py'], { NATS_URL: natsUrl }),
  )
})
