import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type LoadResult, loadResultSchema } from '../../loadtest/load/result-schema.ts'
import { ROOT } from '../support/source-files.ts'

// The servers, seven services and the generator start, which takes a busy machine half a minute; then there are 20 s of load, and what is open.
t.setTimeout(240_000)

async function load(...args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'loadtest/load.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A stack of its own, whatever server somebody points at.
    env: { ...process.env, MURMUR_NATS_URL: '', MURMUR_REDIS_URL: '', NO_COLOR: '1' },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

// How quick it was is not judged here: beside other tests that says nothing.
t.test('npm run load -- --smoke: users over REST and gRPC, faults, nothing lost, a report', async (t) => {
  const dir = t.testdir()
  const json = join(dir, 'smoke.json')
  const { code, said } = await load('--smoke', '--json', json)
  t.equal(code, 0, said)
  const result: LoadResult = loadResultSchema.parse(JSON.parse(readFileSync(json, 'utf8')))
  const { tasks, kinds, activities, faults, lostIds, timeline, stages } = result
  const accepted = tasks.reduce((sum, task) => sum + task.accepted, 0)
  t.ok(accepted > 20, `${accepted} tasks were accepted`)
  t.strictSame(lostIds, [])
  t.equal(
    tasks.reduce((sum, task) => sum + task.lost, 0),
    0,
    'nothing is lost',
  )
  for (const { kind, accepted, asExpected, otherwise, open } of tasks)
    t.equal(
      asExpected + open,
      accepted,
      `${kind}: ended as they were to, or not yet: ${JSON.stringify(otherwise)}`,
    )
  t.strictSame(
    Object.entries(activities).flatMap(([name, { unexpected }]) =>
      Object.keys(unexpected).map((what) => `${name}: ${what}`),
    ),
    [],
  )
  const over = (transport: string) =>
    kinds.filter((kind) => kind.transport === transport && kind.answered > 0)
  t.ok(over('rest').length > 2 && over('grpc').length > 2, 'over both transports')
  const answered = (kind: string) =>
    kinds.find((one) => one.kind === kind && one.transport === 'all')?.answered ?? 0
  for (const kind of ['submit', 'upload', 'startMonitor', 'listAlerts', 'getStatus'])
    t.ok(answered(kind) > 0, `${kind} was asked for and answered`)
  const reports = tasks.find(({ kind }) => kind === 'small report' || kind === 'large report')
  t.ok(
    reports && reports.phases.run.count > 0 && reports.phases.run.maxMs > 0,
    'it is known where their time went',
  )
  t.strictSame(
    faults.map(({ what }) => what),
    ['report-agents', 'orchestrator'],
    'both were killed',
  )
  t.ok(timeline.length >= 15 && stages.length === 1)
  t.match(said, /killed: orchestrator[\s\S]*load is off; asking for \d+ accepted tasks/)
  t.match(readFileSync(join(dir, 'smoke.html'), 'utf8'), /<svg [\s\S]*orchestrator killed/)
})

t.test('what can not be meant is refused before anything starts', async (t) => {
  const { code, said } = await load('nothing')
  t.equal(code, 2)
  t.match(said, /there is no scenario "nothing"; there are baseline[\s\S]*npm run load -- SCENARIO/)
  const unreadable = await load('--smoke', '--baseline', join(t.testdir(), 'none.json'))
  t.equal(unreadable.code, 2)
  t.match(unreadable.said, /none\.json: ENOENT/)
})

t.test('a deployment that is not there is said so', async (t) => {
  const { code, said } = await load('--smoke', '--edge', 'http://127.0.0.1:9')
  t.equal(code, 1)
  t.match(said, /the generator failed: .*ECONNREFUSED/)
  t.notMatch(said, /at generate/, 'without the way through the code')
})
