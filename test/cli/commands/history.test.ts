import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import t from 'tap'
import { readSegment } from '../../../services/orchestrator/history/segment-reader.ts'
import { decompressFrames } from '../../../services/orchestrator/history/zstd-frames.ts'
import { FolderStore } from '../../../services/platform/storage/folder-store.ts'
import { ArchivableLog, startArchiver } from '../../support/archived-log.ts'
import { logArbitrary } from '../../support/random-log.ts'
import { ROOT } from '../../support/source-files.ts'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'

const archive = mkdtempSync(join(tmpdir(), 'murmur-archive-'))
t.teardown(() => rmSync(archive, { recursive: true, force: true }))
const messages = fc.sample(logArbitrary, { numRuns: 1, seed: 11 })[0]!
const log = new ArchivableLog()
log.push(...messages)
const { archiver, upTo, reader } = startArchiver(log, new FolderStore(archive), { limits: { maxEvents: 40 } })
await upTo(messages.at(-1)!.seq)
await archiver.stop()

const segments = readdirSync(archive, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ndjson.zst') && !name.includes('.index.'))
  .toSorted()
const events = segments.flatMap((name) => readSegment(readFileSync(join(archive, name))).events)
const ended = events.filter(({ ends }) => ends !== undefined)
const { murmur, folder } = openIsolatedCliFixture(t)
const env = { MURMUR_ARCHIVE: archive }

t.test('lists what ended, of one tenant, with filters, page by page', async (t) => {
  const ids = async (...args: string[]) => {
    const found = await murmur(['--json', 'history', ...args], { env })
    t.equal(found.code, 0, found.err)
    return (found.json().tasks as { id: string }[]).map(({ id }) => id)
  }
  const of = (tenant: string, status?: string) =>
    ended
      .filter((event) => event.tenant === tenant && (status === undefined || event.ends === status))
      .map(({ taskId }) => taskId)
      .toSorted()
  t.ok(ended.length >= 2, 'there is something to list')
  const all = await ids()
  t.strictSame(all.toSorted(), of('default'))
  t.strictSame((await ids('--tenant', 'north')).toSorted(), of('north'))
  t.strictSame((await ids('--status', 'failed')).toSorted(), of('default', 'failed'))
  t.strictSame(await ids('--since', '2099-01-01'), [])
  const first = await murmur(['--json', 'history', '--limit', '1', '--archive', archive])
  const { tasks, nextCursor } = first.json() as { tasks: { id: string }[]; nextCursor?: string }
  const rest = nextCursor === undefined ? [] : await ids('--cursor', nextCursor)
  t.strictSame([...tasks.map(({ id }) => id), ...rest], all)
})

t.test('replay: this version decides as it did, and what was changed is found', async (t) => {
  const task = ended[0]!.taskId!
  t.match((await murmur(['--json', 'history', 'replay', task], { env })).json(), {
    compared: 1,
    different: [],
  })
  const segment = await murmur(['--json', 'history', 'replay', segments[0]!], { env })
  t.equal(segment.code, 0, segment.err)
  const all = join(folder, 'forged.ndjson.zst')
  // A segment that has its tasks from their beginning.
  const whole = segments.map((one) => decompressFrames(readFileSync(join(archive, one)), 1e9).toString())
  const [header] = whole[0]!.split('\n')
  const lines = whole.flatMap((part) => part.trimEnd().split('\n').slice(1))
  writeFileSync(all, zstdCompressSync(`${[header, ...lines].join('\n')}\n`))
  const good = await murmur(['--json', 'history', 'replay', all])
  t.match(good.json(), { compared: ended.length, different: [], parts: 0 })
  const bad = [header, ...lines]
    .join('\n')
    .replace(/"stateHash":"[0-9a-f]{64}"/, `"stateHash":"${'0'.repeat(64)}"`)
  writeFileSync(all, zstdCompressSync(`${bad}\n`))
  const found = await murmur(['history', 'replay', all])
  t.equal(found.code, 1)
  t.match(found.out, /, 1 different/)
  t.match(found.err, /HISTORY_DIFFERS/)
  const nobody = await murmur(['history', 'replay', 'nobody'], { env })
  t.equal(nobody.code, 3)
  t.match(nobody.err, /NOT_ARCHIVED/)
})

t.test(
  'shadow: what comes into the archive is folded by this version, and the commands of another one are told',
  async (t) => {
    const args = ['history', 'shadow', '--from-start', '--for', '200ms']
    const same = await murmur(['--json', ...args], { env })
    t.equal(same.code, 0, same.err)
    t.match(same.json(), { segments: segments.length, differentEnds: 0, differentCommands: 0, cut: 0 })
    t.equal(same.json().events, events.length)
    t.ok(Number(same.json().decided) > ended.length, 'commands were compared')
    t.match((await murmur(['--json', 'history', 'shadow', '--for', '1ms'], { env })).json(), { segments: 0 })

    // The next version gives each step a millisecond more, which no state says.
    const next = mkdtempSync(join(tmpdir(), 'murmur-next-'))
    t.teardown(() => rmSync(next, { recursive: true, force: true }))
    for (const name of ['services', 'schemas', 'subjects', 'deploy', 'package.json'])
      cpSync(join(ROOT, name), join(next, name), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(next, 'node_modules'))
    const changed = join(next, 'services/workflow/decide/build-step-message.ts')
    const source = readFileSync(changed, 'utf8')
    const mutated = source.replace('body.timeoutMs ?? DEFAULTS.stepTimeoutMs', '(body.timeoutMs ?? 0) + 1')
    t.not(mutated, source)
    writeFileSync(changed, mutated)
    const main = join(next, 'services/cli/main.ts')
    const run = spawnSync(process.execPath, [main, ...args, '--archive', archive], {
      env: { ...process.env, HOME: folder },
      encoding: 'utf8',
    })
    t.equal(run.status, 1, run.stderr)
    t.match(run.stdout, /at \d+: today .*DispatchStep \S+ attempt \d/)
    t.match(run.stdout, / 0 different; commands of \d+ events compared, [1-9]/)
    t.match(run.stderr, /HISTORY_DIFFERS/)
  },
)

t.test('a capsule opens elsewhere, in a process of its own, to the same state', async (t) => {
  const { taskId, stateHash } = ended[0]!
  const made = await murmur(['--json', 'capsule', taskId!, '--archive', archive])
  t.equal(made.code, 0, made.err)
  const file = String(made.json().file)
  t.match(await murmur(['capsule', taskId!, '--archive', archive]), { code: 5 }, 'a file that is there stays')
  const elsewhere = openIsolatedCliFixture(t)
  const opened = await elsewhere.spawnMurmur(['--json', 'capsule', 'open', file])
  t.equal(opened.code, 0, opened.err)
  t.match(opened.json(), { taskId, stateHash, today: stateHash, isSame: true, task: { id: taskId } })
  const text = decompressFrames(readFileSync(file), 1e9).toString()
  writeFileSync(file, zstdCompressSync(text.replace('"bodyHash":""', '"bodyHash":"x"')))
  const changed = await murmur(['capsule', 'open', file])
  t.equal(changed.code, 1, changed.out)
  writeFileSync(file, 'no capsule')
  t.match(await murmur(['capsule', 'open', file]), { code: 2, err: /INVALID_REQUEST/ })
})

t.test('zstdcat and jq read segments as docs/history.md says', async (t) => {
  const missing = ['zstdcat', 'jq'].find((program) => spawnSync(program, ['--version']).error)
  if (missing) return t.pass(`not looked at: there is no ${missing} here`)
  const command = commandOf('sh', 'zstdcat')
  const out = execFileSync('bash', ['-c', command], { cwd: archive, encoding: 'utf8' })
  const failed = ended.filter(({ ends }) => ends === 'failed').map(({ taskId }) => taskId)
  t.strictSame(
    out
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[2])
      .toSorted(),
    failed.toSorted(),
  )
  t.equal(
    execFileSync('bash', ['-c', `zstdcat ${segments.join(' ')} | jq -c 'select(.seq)' | wc -l`], {
      cwd: archive,
      encoding: 'utf8',
    }).trim(),
    String(messages.length),
  )
})

t.test('DuckDB reads segments as docs/history.md says', async (t) => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const sql = commandOf('sql', 'read_json').replace("'segments/", `'${archive}/segments/`)
  const rows = (await connection.runAndReadAll(sql)).getRowsJson()
  const counts = new Map<string, number>()
  for (const { tenant, ends } of ended) {
    const name = `${tenant} ${ends}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  t.strictSame(new Map(rows.map(([tenant, ends, tasks]) => [`${tenant} ${ends}`, Number(tasks)])), counts)
  connection.closeSync()
})

t.test('verify: every file is as it was written; what is spoilt or missing is named', async (t) => {
  const good = await murmur(['--json', 'history', 'verify'], { env })
  t.match(good.json(), { segments: segments.length, faults: [], gaps: [] })
  const [spoilt, gone] = segments
  const bytes = readFileSync(join(archive, spoilt!))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(join(archive, spoilt!), bytes)
  rmSync(join(archive, gone!))
  const bad = await murmur(['history', 'verify'], { env })
  t.equal(bad.code, 1)
  t.match(bad.out, new RegExp(`${spoilt} does not match[\\s\\S]*${gone} is missing`))
  t.ok(reader)
})

/** A command of docs/history.md, by its language and a word in it. */
function commandOf(language: string, word: string): string {
  const page = readFileSync(join(ROOT, 'docs/history.md'), 'utf8')
  const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
  return blocks.find(([, name, text]) => name === language && text!.includes(word))![2]!
}
