import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { startProgram } from '../support/services.ts'
import { ROOT } from '../support/source-files.ts'
import { runAgentCases } from './agent-cases.ts'

t.setTimeout(170_000)

t.test('the agent in Go keeps the protocol', async (t) => {
  const program = join(t.testdir({}), 'word-count')
  // A file of its own with the standard library alone: nothing is fetched.
  const built = spawnSync('go', ['build', '-o', program, join(ROOT, 'examples/agents/word_count.go')], {
    encoding: 'utf8',
    env: { ...process.env, GO111MODULE: 'off', GOFLAGS: '', GOTOOLCHAIN: 'local' },
  })
  if (built.error) {
    t.comment('skipped: there is no Go on this machine')
    return
  }
  t.equal(built.status, 0, built.stderr)
  await runAgentCases(t, (t, natsUrl) => startProgram(t, program, [], { NATS_URL: natsUrl }))
})
