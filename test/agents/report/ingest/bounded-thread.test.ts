import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { readInThread } from '../../../../services/agents/report/ingest/bounded-thread.ts'

const folder = mkdtempSync(join(tmpdir(), 'bounded-thread-'))
t.teardown(() => rmSync(folder, { recursive: true }))

function run(code: string, about: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const path = join(folder, `${Math.abs(hash(code))}.mjs`)
  writeFileSync(path, `import { parentPort, workerData } from 'node:worker_threads'\n${code}`)
  return readInThread<unknown>({
    module: pathToFileURL(path),
    bytes: Buffer.from('abc'),
    about: { name: 'x' },
    what: 'the file',
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    heapMib: 512,
    memoryMib: 96,
    ...about,
  })
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7)
}

t.test('what was read, and the fault of the file, come back', async (t) => {
  const echo = `parentPort.postMessage({ kind: 'read', result: [workerData.name, ...workerData.bytes] })`
  t.strictSame(await run(echo), ['x', 97, 98, 99])
  const fault = `parentPort.postMessage({ kind: 'fault', code: 'BROKEN_FILE', message: 'it is cut' })`
  await t.rejects(run(fault), { code: 'BROKEN_FILE', message: 'it is cut' })
})

t.test('bounded: time, and memory in and outside of the heap', async (t) => {
  await t.rejects(run('for (;;);', { timeoutMs: 200 }), {
    code: 'LIMIT_EXCEEDED',
    message: /longer than 0.2 s/,
  })
  const inHeap = 'const a = []; setInterval(() => a.push(Array.from({ length: 1e5 }, () => ({}))), 5)'
  await t.rejects(run(inHeap), { code: 'LIMIT_EXCEEDED', message: /more than fits into memory/ })
  const outside = 'const a = []; setInterval(() => a.push(new Uint8Array(8e6).fill(1)), 5)'
  await t.rejects(run(outside), { code: 'LIMIT_EXCEEDED', message: /more than fits into memory/ })
})

t.test('a reader that falls over a file blames the file, one that cannot be started does not', async (t) => {
  await t.rejects(run('null.x'), { code: 'BROKEN_FILE', message: /^the file could not be read: / })
  await t.rejects(run("await import('no-such-package')"), { code: 'ERR_MODULE_NOT_FOUND' })
  const full = "throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })"
  await t.rejects(run(full), { code: 'EMFILE' })
})

t.test('an aborted signal ends it', async (t) => {
  const caller = new AbortController()
  const reading = run('for (;;);', { signal: caller.signal })
  caller.abort(new Error('cancelled'))
  await t.rejects(reading, { message: 'cancelled' })
})
