import { type ChildProcess, type ForkOptions, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../../support/source-files.ts'

const MAIN = join(ROOT, 'test/support/run-main-fixture.ts')

interface Run {
  child: ChildProcess
  /** Resolves when this has appeared on standard error. */
  saw(text: string): Promise<void>
  exited: Promise<{ code: number | null; stderr: string }>
}

function watch(child: ChildProcess): Run {
  let stderr = ''
  const waiting = new Map<string, () => void>()
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    for (const [text, resolve] of waiting) if (stderr.includes(text)) resolve()
  })
  return {
    child,
    saw: (text) =>
      stderr.includes(text) ? Promise.resolve() : new Promise((resolve) => waiting.set(text, resolve)),
    // Not `close`: it does not come when this side has closed the channel.
    exited: Promise.all([once(child, 'exit'), once(child.stderr!, 'close')]).then(([[code]]) => ({
      code,
      stderr,
    })),
  }
}

function start(mode: string, env: Record<string, string> = {}): Run {
  return watch(spawn(process.execPath, [MAIN, mode], { env: { ...process.env, ...env } }))
}

function startWithChannel(mode: string): Run {
  const options: ForkOptions = { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }
  return watch(fork(MAIN, [mode], options))
}

t.test('SIGTERM and SIGINT stop it in order, exit code 0', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const run = start('plain')
    await run.saw('"ready"')
    run.child.kill(signal)
    const { code, stderr } = await run.exited
    t.equal(code, 0, signal)
    t.match(stderr, /"facts-are-told":7/)
    t.match(stderr, /part started[\s\S]*part quiesced[\s\S]*part stopped/)
  }
})

t.test('a second signal leaves at once with 130', async (t) => {
  const run = start('hanging')
  await run.saw('"ready"')
  run.child.kill('SIGTERM')
  await run.saw('part is hanging')
  run.child.kill('SIGTERM')
  t.equal((await run.exited).code, 130)
})

t.test('what hangs is left behind after the grace period, exit code 1', async (t) => {
  const run = start('hanging', { MURMUR_STOP_GRACE_MS: '50' })
  await run.saw('"ready"')
  run.child.kill('SIGTERM')
  const { code, stderr } = await run.exited
  t.equal(code, 1)
  t.match(stderr, 'component too slow')
})

t.test('faults that nobody caught are logged and end it with 1', async (t) => {
  for (const [mode, message] of [
    ['throws', 'uncaught exception'],
    ['rejects', 'unhandled rejection'],
  ] as const) {
    const { code, stderr } = await start(mode).exited
    t.equal(code, 1, mode)
    t.match(stderr, new RegExp(`"level":"fatal".*it broke.*${message}`))
  }
})

t.test('a failed start ends it with 1, an invalid configuration names every fault', async (t) => {
  const failed = await start('unstartable').exited
  t.equal(failed.code, 1)
  t.match(failed.stderr, /could not start/)

  const invalid = await start('plain', { MURMUR_HTTP_PORT: 'x', MURMUR_LOG_LEVEL: 'y' }).exited
  t.equal(invalid.code, 1)
  t.match(invalid.stderr, /not valid:\n {2}MURMUR_LOG_LEVEL .*\n {2}MURMUR_HTTP_PORT .*\n$/)
})

t.test('it tells its supervisor when it is ready, and stops when the channel closes', async (t) => {
  const run = startWithChannel('plain')
  const [message] = await once(run.child, 'message')
  t.match(message, { kind: 'ready', service: 'fixture', facts: { 'facts-are-told': 7 } })
  run.child.kill('SIGINT')
  run.child.disconnect()
  const { code, stderr } = await run.exited
  t.equal(code, 0, 'SIGINT is left to the supervisor, so this was no second request')
  t.match(stderr, /the channel to the parent process was closed/)
})

t.test('it stops when its parent is gone', async (t) => {
  const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const run = start('plain', { MURMUR_PARENT_PID: String(parent.pid) })
  await run.saw('"ready"')
  const gone = once(parent, 'exit')
  parent.kill('SIGKILL')
  await gone
  const { code, stderr } = await run.exited
  t.equal(code, 0)
  t.match(stderr, `parent process ${parent.pid} has ended`)
})
