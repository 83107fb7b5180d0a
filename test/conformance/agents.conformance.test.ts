import { execFile, fork, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startProgram } from '../support/services.ts'
import { ROOT } from '../support/source-files.ts'
import { runAgentCases } from './agent-cases.ts'

// Each has servers of its own, and nearly all its time is waiting: ack waits, heartbeats, graces. So all run at the same time.
t.setTimeout(170_000)
t.jobs = 3
/** A new one each: tap writes into it. */
const atOnce = () => ({ buffered: true, timeout: 170_000 })

t.test('the agent in Go keeps the protocol', atOnce(), async (t) => {
  if (spawnSync('go', ['version']).error) {
    t.comment('skipped: there is no Go on this machine')
    return
  }
  const program = join(t.testdir({}), 'word-count')
  // A file of its own with the standard library alone: nothing is fetched.
  await promisify(execFile)('go', ['build', '-o', program, join(ROOT, 'examples/agents/word_count.go')], {
    env: { ...process.env, GO111MODULE: 'off', GOFLAGS: '', GOTOOLCHAIN: 'local' },
  })
  await runAgentCases(t, (t, natsUrl) => startProgram(t, program, [], { NATS_URL: natsUrl }))
})

t.test('the agent in Python keeps the protocol', atOnce(), async (t) => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    t.comment('skipped: there is no python3 on this machine')
    return
  }
  await runAgentCases(t, (t, natsUrl) =>
    startProgram(t, 'python3', ['examples/agents/word_count.py'], { NATS_URL: natsUrl }),
  )
})

t.test('the kit for agents keeps the protocol', atOnce(), async (t) => {
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
