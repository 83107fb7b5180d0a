import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startLocalStack } from '../../deploy/local/stack.ts'
import { ROOT } from '../support/source-files.ts'
import { FIXTURE_AGENTS, MAIN, openIsolatedCliFixture } from './isolated-cli-fixture.ts'
import { startMurmur } from './run-murmur.ts'
import { assertWrongUsage } from './wrong-usage.ts'

const { env, folder, home, murmur, spawnMurmur } = openIsolatedCliFixture(t)

async function submitted(plan: object): Promise<string> {
  const { out } = await murmur(['submit', '-', '--json'], { stdin: JSON.stringify(plan) })
  return (JSON.parse(out) as { taskId: string }).taskId
}

const quick = { steps: [{ id: 'a', agent: 'echo', input: { name: 'x' } }] }
const slow = { steps: [{ id: 'a', agent: 'echo', input: { workMs: 60_000 } }] }
const failing = { steps: [{ id: 'a', agent: 'echo', input: { failWith: 'as it was told' } }] }

t.test('without a stack, commands say how to start one', async (t) => {
  for (const args of [
    ['list'],
    ['agents'],
    ['show', 'x'],
    ['cancel', 'x'],
    ['watch', 'x'],
    ['submit', '--type', 'x'],
  ]) {
    const { code, err, out } = await murmur(args)
    t.equal(code, 4, args.join(' '))
    t.equal(out, '')
    t.match(err, /✗ NO_STACK: .*\n {2}→ .*npx murmur dev\n/)
  }
  const named = await murmur(['list', '--nats', 'nats://127.0.0.1:9', '--json'])
  t.equal(named.code, 4)
  t.match(named.json(), { error: { code: 'UNAVAILABLE', exitCode: 4, fix: /\w/ } })
  const wrong = await murmur(['list'], { env: { MURMUR_NATS_URL: 'http://127.0.0.1' } })
  t.match(wrong.err, /✗ CONFIG_INVALID: .*MURMUR_NATS_URL/)
  const away = await murmur(['list', '--edge', 'http://127.0.0.1:9', '--json'])
  t.match(away.json(), { error: { code: 'UNAVAILABLE', exitCode: 4, message: /edge at http:..127/ } })
  for (const [wrongEdge, told] of [
    [{ MURMUR_EDGE_URL: 'nats://127.0.0.1' }, /MURMUR_EDGE_URL/],
    [{ MURMUR_EDGE_URL: 'http://key@127.0.0.1' }, /credentials go into MURMUR_API_KEY/],
    [
      { MURMUR_EDGE_URL: 'http://127.0.0.1', MURMUR_API_KEY: 'two words' },
      /MURMUR_API_KEY must be .*not shown/,
    ],
    [
      { MURMUR_EDGE_URL: 'http://127.0.0.1', MURMUR_API_KEY_FILE: join(folder, 'no-such') },
      /no-such cannot be read/,
    ],
  ] as const) {
    const { code, err } = await murmur(['list'], { env: wrongEdge })
    t.match(err, told)
    t.match(err, /✗ CONFIG_INVALID/)
    t.equal(code, 1)
  }
})

t.test('wrong usage is told before anything is connected to', async (t) => {
  writeFileSync(join(folder, 'list.json'), '[1]')
  writeFileSync(join(folder, 'torn.json'), '{"steps": [')
  mkdirSync(join(folder, 'empty'))
  const cases: [args: string[], told: RegExp][] = [
    [[], /a command is missing/],
    [['lst'], /unknown command 'lst'/],
    [['list', '--no-such'], /unknown option '--no-such'/],
    [['list', '--status', 'lost'], /Allowed choices are scheduled, running/],
    [['list', '--limit', '0'], /must be a whole number from 1 to 500/],
    [['list', '--since', 'tomorrow'], /must be 90s, 15m, 2h or 7d ago, or a date/],
    [['list', '--since', '2026-02-30'], /must be 90s, 15m, 2h or 7d ago, or a date/],
    [['schedules', 'put', 'a.b'], /no dots/],
    [['schedules', 'put', 'a', '--cron', '@daily'], /nothing to submit/],
    [['schedules', 'put', 'a', '--every', 'often'], /must be a number with a unit/],
    [['schedules', 'put', 'a', '--overlap', 'maybe'], /Allowed choices are skip, queue/],
    [['schedules', 'next', '--start', '7d'], /must be a date/],
    [['schedules', 'show'], /missing required argument 'schedule'/],
    [['dlq', 'show', 'x'], /must be a whole number/],
    [['dlq', 'purge'], /name letters by their numbers/],
    [['dlq', 'replay', '3', '--agent', 'a'], /one of them/],
    [['dlq', 'replay', '3', '--all'], /one of them/],
    [['dlq', 'replay', '--code', 'no code'], /option '--code <code>'/],
    [['dlq', 'edit', '3'], /the input is missing/],
    [['dlq', 'edit', '3', '--input', '{'], /--input: /],
    [['submit', '--type', 'x', '--priority', 'urgent'], /must be critical, high, normal or low/],
    [['submit', '--type', 'x', '--deadline', '5'], /must be a number with a unit/],
    [['list', '--label', 'team'], /must be KEY=VALUE/],
    [['list', '--edge', 'http://127.0.0.1:9', '--nats', 'nats://127.0.0.1:9'], /cannot be used with option/],
    [['top', '--every', 'often'], /must be a duration/],
    [['plan'], /nothing to submit/],
    [['download', 'a b'], /a blob key has only/],
    [['completion', 'cmd'], /Allowed choices are bash, zsh, fish/],
    [['show'], /missing required argument 'id'/],
    [['show', 'a.b'], /no dots/],
    [['submit'], /nothing to submit/],
    [['submit', '--type', 'a b'], /no dots, spaces/],
    [['submit', '--type', 'x', '--label', 'team'], /must be KEY=VALUE/],
    [['submit', '--type', 'x', '--input', '{'], /--input: it is not JSON/],
    [['submit', 'list.json'], /list\.json: it is not a JSON object/],
    [['submit', 'torn.json'], /torn\.json: it is not JSON/],
    [['submit', 'gone.json'], /FILE_UNREADABLE: gone\.json/],
    [['report'], /missing required argument 'files'/],
    [['report', 'gone.csv', 'empty'], /empty: holds no files[\s\S]*gone\.csv: there is no such file/],
    [['report', 'list.json', '--open', 'maybe'], /Allowed choices are yes, no/],
    [['report', 'list.json', '--title', 'x'.repeat(201)], /at most 200/],
  ]
  await assertWrongUsage(t, murmur, cases)
  const help = await murmur(['submit', '--help'])
  t.match({ code: help.code, out: help.out }, { code: 0, out: /Usage: murmur submit/ })
})

t.test('the program itself: what it writes goes where it belongs, its exit code to the shell', async (t) => {
  const [away, wrong, help] = await Promise.all(
    [['list'], ['list', '--limit', '0', '--json'], ['submit', '--help']].map((args) => spawnMurmur(args)),
  )
  t.match(away, { code: 4, out: '', err: /^✗ NO_STACK/ })
  t.match(wrong, { code: 2, err: '' })
  t.match(wrong!.json(), { error: { code: 'USAGE', exitCode: 2 } })
  t.match(help, { code: 0, out: /Usage: murmur submit/, err: '' })
})

t.test('with a stack', async (t) => {
  const lines: string[] = []
  const stack = await startLocalStack({
    home,
    agentMains: [FIXTURE_AGENTS],
    report: (line) => lines.push(line),
  })
  t.teardown(() => stack.stop())
  t.match(lines.join('\n'), /orchestrator ready after \d/)
  const note = JSON.parse(readFileSync(join(home, 'run/stack.json'), 'utf8')) as object
  t.match(note, { pid: process.pid, natsUrl: stack.natsUrl, redisUrl: stack.redisUrl, startedAtMs: Number })

  await t.test('agents, doctor', async (t) => {
    const agents = await murmur(['agents', '--json'])
    t.match(agents.json(), { agents: [{ type: 'analysis' }, { type: 'echo', status: 'ready' }, {}, {}] })
    t.match((await murmur(['agents'])).out, /agent +version +status +busy.*\n.*\n {2}echo +0 +ready +0\/4/)
    const doctor = await murmur(['doctor', '--json'])
    const { checks } = doctor.json() as { checks: { name: string; status: string }[] }
    t.match(
      checks.find(({ name }) => name === 'services'),
      { status: 'ok' },
    )
    t.equal(doctor.code, checks.some(({ status }) => status === 'fail') ? 1 : 0)
  })

  await t.test('submit, show, list, watch', async (t) => {
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(quick))
    const waited = await murmur(['submit', 'plan.json', '--wait', '--label', 'team=north', '--label', 'x=y'])
    t.equal(waited.code, 0)
    t.match(
      waited.out,
      /plan {2}\S+ {2}completed {2}1 of 1 step[\s\S]*✓ {2}a +echo +\d+ ms +\d+ ms {2}done · x/,
    )
    t.match(waited.out, /Output\n {2}\{\n {4}"a": \{/)
    t.match(waited.err, /Task \S+ accepted\.\nplan {2}\S+ {2}/)

    const keyed = await murmur(['submit', 'plan.json', '--key', 'k', '--wait', '--json'])
    const { taskId } = keyed.json() as { taskId: string }
    t.match(keyed.json(), { duplicate: false, task: { status: 'completed' }, output: { a: { name: 'x' } } })
    const again = await murmur(['submit', 'plan.json', '--key', 'k'])
    t.equal(again.out, `${taskId}\n`, 'the id alone, for scripts')
    t.match(again.err, /had been accepted before/)
    const other = await murmur(['submit', '-', '--key', 'k', '--json'], { stdin: JSON.stringify(slow) })
    t.equal(other.code, 5)
    t.match(other.json(), { error: { code: 'IDEMPOTENCY_CONFLICT' } })

    t.match((await murmur(['show', taskId, '--json'])).json(), { task: { id: taskId }, output: { a: {} } })
    t.match((await murmur(['show', taskId])).out, new RegExp(taskId))
    t.equal((await murmur(['show', 'none'])).code, 3)

    const { tasks } = (await murmur(['list', '--json', '--limit', '1'])).json() as { tasks: object[] }
    t.match(tasks, [{ id: taskId, steps: { total: 1, completed: 1 } }])
    t.match((await murmur(['list'])).out, /task +type +status +steps +took +age +about\n.*\n.*team=north x=y/)
    t.match((await murmur(['list', '--status', 'failed'])).err, /No tasks\./)

    const watched = await murmur(['watch', taskId, '--json'])
    const documents = watched.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    t.match(documents, [{ snapshot: { id: taskId } }, { task: { status: 'completed' } }])
  })

  await t.test('the program itself reads standard input, and exits as the task ended', async (t) => {
    const [done, failed, none] = await Promise.all([
      spawnMurmur(['submit', '-', '--wait', '--json'], { stdin: JSON.stringify(quick) }),
      spawnMurmur(['submit', '-', '--wait'], { stdin: JSON.stringify(failing) }),
      spawnMurmur(['show', 'none']),
    ])
    t.equal(done.code, 0)
    t.match(done.json(), { task: { status: 'completed' }, output: { a: { name: 'x' } } })
    t.match(failed, { code: 1, err: /✗ TASK_FAILED: .*as it was told\n {2}→ / })
    t.match(none, { code: 3, out: '' })
  })

  await t.test('what fails exits with 1, what is refused with 2', async (t) => {
    const failed = await murmur(['submit', '-', '--wait'], { stdin: JSON.stringify(failing) })
    t.equal(failed.code, 1)
    t.match(failed.err, /✗ TASK_FAILED: task \S+ failed in step "a": TOLD_TO_FAIL: as it was told\n {2}→ /)
    const asJson = await murmur(['submit', '-', '--wait', '--json'], { stdin: JSON.stringify(failing) })
    t.equal(asJson.code, 1)
    t.match(asJson.json(), { task: { status: 'failed', error: { code: 'TOLD_TO_FAIL' } } })

    const unknown = { steps: [{ id: 'a', agent: 'nobody' }] }
    const refused = await murmur(['submit', '-'], { stdin: JSON.stringify(unknown) })
    t.equal(refused.code, 2)
    t.match(refused.err, /✗ UNKNOWN_AGENT: .*nobody/)
  })

  await t.test('submit with options, rerun, plan warnings, dlq, logs', async (t) => {
    const options = ['--priority', 'low', '--deadline', '2m', '--delay', '50ms', '--label', 'a:b=c']
    const first = await murmur(['submit', 'plan.json', ...options, '--wait', '--json'])
    t.match(first.json(), { task: { priority: 3, labels: { 'a:b': 'c' }, status: 'completed' } })
    const { task } = first.json() as { task: { id: string; createdAtMs: number; deadlineAtMs: number } }
    t.equal(task.deadlineAtMs - task.createdAtMs, 120_000)
    const again = await murmur(['rerun', task.id, '--json'])
    const { taskId } = again.json() as { taskId: string }
    t.not(taskId, task.id)
    t.match((await murmur(['watch', taskId, '--json'])).out, /"status":"completed"/)
    t.match((await murmur(['show', taskId, '--json'])).json(), {
      task: { priority: 3, labels: { 'a:b': 'c' } },
    })
    const running = await submitted(slow)
    t.match((await murmur(['replay', running, '--json'])).json(), {
      error: { code: 'STILL_RUNNING', exitCode: 5 },
    })
    await murmur(['cancel', running])

    const odd = { type: 'plan', deadlineMs: 1000, plan: { steps: [{ ...quick.steps[0], timeoutMs: 5000 }] } }
    const warned = await murmur(['plan', '-'], { stdin: JSON.stringify(odd) })
    t.match(warned.out, /! step "a" may run for 5000 ms, the task ends after 1000 ms/)
    const late = await murmur(['submit', '-'], { stdin: JSON.stringify({ ...odd, delayMs: 2000 }) })
    t.match(late, { code: 2, err: /✗ INVALID_SUBMISSION: the task would end after 1000 ms/ })

    t.match(await murmur(['dlq']), { code: 0, err: /Nothing was given up/ })
    t.match(await murmur(['dlq', 'show', '7']), { code: 3, err: /DEAD_LETTER_NOT_FOUND/ })
    const gone = await murmur(['dlq', 'replay', '7', '8', '--json'])
    t.match(gone, { code: 1 })
    t.match(gone.json(), {
      dryRun: false,
      count: 0,
      failed: 2,
      results: [{ seq: 7, outcome: 'failed' }, { seq: 8 }],
    })
    t.match(await murmur(['dlq', 'purge', '--all', '--dry-run']), { code: 0, err: /0 would be changed/ })
    t.match((await murmur(['logs', 'orchestrator', '--lines', '3', '--json'])).json(), {
      logs: [{ service: 'orchestrator', lines: Array }],
    })
    t.match(await murmur(['logs', 'nobody']), { code: 3, err: /there are: .*orchestrator/ })
  })

  await t.test('cancel ends a watch, with 1', async (t) => {
    const taskId = await submitted(slow)
    const watching = murmur(['watch', taskId])
    const cancelled = await murmur(['cancel', taskId, '--reason', 'enough', '--json'])
    t.strictSame(cancelled.json(), { taskId, accepted: true })
    const { code, err } = await watching
    t.equal(code, 1)
    t.match(err, /✗ TASK_CANCELLED: task \S+ cancelled: CANCELLED: enough/)
    t.equal((await murmur(['cancel', taskId])).code, 5, 'it is finished')
    t.equal((await murmur(['cancel', 'none'])).code, 3)
  })

  await t.test('Ctrl-C ends a watch at once, with 130', async (t) => {
    const taskId = await submitted(slow)
    const child = spawn(process.execPath, [MAIN, 'watch', taskId], { cwd: folder, env })
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    child.stderr.once('data', () => child.kill('SIGINT'))
    t.equal(await ended, 130)
    await murmur(['cancel', taskId])
  })

  await t.test('report', async (t) => {
    mkdirSync(join(folder, 'sources'))
    writeFileSync(join(folder, 'sources/a.csv'), 'x,y\n1,2\n')
    writeFileSync(join(folder, 'notes.md'), '# Notes\n')
    const made = await murmur([
      'report',
      'notes.md',
      'sources',
      '--title',
      'Of two',
      '--out',
      'there',
      '--json',
    ])
    t.equal(made.code, 0, made.err)
    t.match(made.json(), {
      status: 'completed',
      title: 'Of two',
      headline: /Row 17/,
      files: { html: join(folder, 'there/report.html'), json: join(folder, 'there/report.json') },
      steps: [{ id: 'ingest-1', waitedMs: Number, ranMs: Number }, {}, {}, { id: 'synthesis' }],
    })
    t.match(readFileSync(join(folder, 'there/report.html'), 'utf8'), /<!doctype html>/)
    const shown = await murmur(['report', 'notes.md'])
    t.match(shown.out, /synthesis +synthesis[\s\S]*Row 17[\s\S]*HTML {2}reports\/\S+\/report\.html\n/)
    t.match(shown.err, /Uploaded 1 file \(8 B\) in /)
  })

  await t.test('dev and a second start use what is up', async (t) => {
    const dev = await murmur(['dev', '--json'])
    t.equal(dev.code, 0)
    t.match(dev.json(), { pid: process.pid, natsUrl: stack.natsUrl })
    const start = await murmur(['start'])
    t.equal(start.code, 0, start.err)
    t.match(start.err, new RegExp(`Using the stack of process ${process.pid}`))
    t.match(start.out, /climate-by-year\.csv[\s\S]*HTML[\s\S]*JSON[\s\S]*Next\n/)
  })

  await t.test('dev --agent runs an agent beside what is up, and ends that alone', async (t) => {
    const missing = await murmur(['dev', '--agent', 'no-such.ts'])
    t.equal(missing.code, 2)
    const dev = startMurmur(['dev', '--agent', join(ROOT, 'loadtest/bench/noop-agents.ts')], {
      cwd: folder,
      env,
    })
    await dev.wrote(/noop-agents is up[\s\S]*stops this agent; the stack stays up/)
    const taskId = await submitted({ steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] })
    t.equal((await murmur(['watch', taskId])).code, 0, 'it works for the stack')
    dev.child.kill('SIGINT')
    t.equal(await dev.ended, 0)
    t.equal((await murmur(['list'])).code, 0, 'the stack is still up')
  })

  await t.test('a service that dies is told and comes back', async (t) => {
    const agents = stack.services.find(({ name }) => name === 'fixture-agents')!
    process.kill(agents.pid, 'SIGKILL')
    const taskId = await submitted(quick)
    t.equal((await murmur(['watch', taskId])).code, 0)
    t.match(lines.join('\n'), /fixture-agents was ended by SIGKILL; starting it again in 0\.5 s/)
    t.not(stack.services.find(({ name }) => name === 'fixture-agents')?.pid, agents.pid)
  })

  await t.test('stopping leaves nothing that points to it', async (t) => {
    const pids = stack.services.map(({ pid }) => pid)
    await stack.stop()
    t.notOk(existsSync(join(home, 'run/stack.json')))
    for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    t.equal((await murmur(['list'])).code, 4)
  })
})
