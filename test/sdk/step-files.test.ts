import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import t from 'tap'
import type { BlobRef } from '#schemas/blob.ts'
import { StepFiles } from '../../services/sdk/step-files.ts'
import { createMemoryBlobs } from '../../services/sdk/testing.ts'

const blobs = createMemoryBlobs()
const bytes = randomBytes(3_000_000)
const ref = await blobs.put(bytes, { contentType: 'text/csv' })

t.test('an object as a file that only this user can read, gone with the step', async (t) => {
  const files = new StepFiles({ blobs })
  const heard: number[] = []
  const [one, two] = await Promise.all([files.file(ref, { onBytes: (n) => heard.push(n) }), files.file(ref)])
  t.ok(bytes.equals(await readFile(one.path)))
  t.equal(one.size, bytes.length)
  t.strictSame(heard, [bytes.length])
  t.not(one.path, two.path)
  const folder = dirname(one.path)
  t.equal(dirname(two.path), folder)
  t.equal((await stat(one.path)).mode & 0o777, 0o600)
  t.equal((await stat(folder)).mode & 0o777, 0o700)
  await one.remove()
  t.strictSame([existsSync(one.path), existsSync(two.path)], [false, true], 'one can go before the others')
  await files.remove()
  t.notOk(existsSync(folder))
  await t.rejects(files.file(ref), /the step is over/)
  await files.remove()
})

t.test('what is not as its reference says leaves no file', async (t) => {
  const files = new StepFiles({ blobs })
  t.teardown(() => files.remove())
  const { path } = await files.file(ref)
  const wrong: [BlobRef, { code: string; message?: RegExp }][] = [
    [{ ...ref, blob: 'test/none' }, { code: 'BLOB_NOT_FOUND' }],
    [{ ...ref, sha256: '0'.repeat(64) }, { code: 'BLOB_CORRUPT' }],
    [
      { ...ref, size: ref.size - 1 },
      { code: 'BLOB_CORRUPT', message: /more than the 2999999 bytes/ },
    ],
    [
      { ...ref, size: ref.size + 1 },
      { code: 'BLOB_CORRUPT', message: /3000000 instead of the 3000001/ },
    ],
  ]
  for (const [given, error] of wrong) await t.rejects(files.file(given), error)
  t.equal((await readdir(dirname(path))).length, 1)
})

t.test(
  'a disk without room is said before anything is fetched, and what stays free stays free',
  async (t) => {
    const { bavail, bsize } = await statfs(tmpdir())
    const isFetched: BlobRef[] = []
    const asked = {
      stream: (given: BlobRef) => {
        isFetched.push(given)
        return blobs.stream(given)
      },
    }
    const files = new StepFiles({ blobs: asked })
    t.teardown(() => files.remove())
    await t.rejects(files.file({ ...ref, size: bavail * bsize * 2 }), {
      code: 'OVERLOADED',
      message: /has no room for object .* TMPDIR/,
      retryAfterMs: Number,
    })
    const careful = new StepFiles({ blobs: asked, reserveBytes: bavail * bsize * 2 })
    t.teardown(() => careful.remove())
    await t.rejects(careful.file(ref), { code: 'OVERLOADED', message: /3000000 bytes .* 0 may be/ })
    t.strictSame(isFetched, [])
  },
)

/** A store that gives a piece and then nothing more, until it is left. */
function stalling() {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: never } = Promise.withResolvers<void>()
  const store = {
    async *stream() {
      yield bytes.subarray(0, 1000)
      begin()
      await never
    },
  }
  return { store, begun }
}

t.test('a signal ends the fetching, the own one and the one that is given', async (t) => {
  for (const which of ['own', 'given'] as const) {
    const { store, begun } = stalling()
    const own = new AbortController()
    const given = new AbortController()
    const files = new StepFiles({ blobs: store, signal: own.signal })
    const file = files.file(ref, { signal: given.signal })
    await begun
    ;(which === 'own' ? own : given).abort(new Error('enough'))
    await t.rejects(file, { message: 'enough' }, which)
    await files.remove()
  }
})

t.test('the end of the step ends what is on its way', async (t) => {
  const { store, begun } = stalling()
  const files = new StepFiles({ blobs: store })
  const file = files.file(ref)
  await Promise.all([t.rejects(file, /the step is over/), begun.then(() => files.remove())])
})
