import { join } from 'node:path'
import t from 'tap'
import type { BlobRef } from '#schemas/blob.ts'
import { uploadFile } from '../../../services/cli/transfer/upload-file.ts'
import { testContext } from '../cli-context-fixture.ts'

const REF: BlobRef = { blob: 'uploads/x', size: 600_000, sha256: '0'.repeat(64), contentType: 'text/plain' }

/** Takes all pieces, as a client does. */
function takingClient() {
  const taken: { about?: object; sizes: number[] } = { sizes: [] }
  return {
    taken,
    upload: async (bytes: AsyncIterable<Uint8Array>, about: object) => {
      taken.about = about
      for await (const piece of bytes) taken.sizes.push(piece.length)
      return REF
    },
  }
}

t.test('a file is sent in pieces, with its name, size and type', async (t) => {
  const folder = t.testdir({ 'a.txt': 'x'.repeat(600_000) })
  const client = takingClient()
  const file = { path: join(folder, 'a.txt'), name: 'a.txt', bytes: 600_000, mediaType: 'text/plain' }
  t.equal(await uploadFile(testContext(), client, file), REF)
  t.strictSame(client.taken.about, { contentType: 'text/plain', name: 'a.txt', size: 600_000 })
  t.strictSame(client.taken.sizes, [262_144, 262_144, 75_712])
})

t.test('a file that cannot be read is told by its name', async (t) => {
  const file = { path: join(t.testdir(), 'gone'), name: 'gone.txt', bytes: 1, mediaType: 'text/plain' }
  await t.rejects(uploadFile(testContext(), takingClient(), file), {
    code: 'FILE_UNREADABLE',
    message: /^gone\.txt cannot be read: /,
  })
})

t.test('an interruption ends it', async (t) => {
  const folder = t.testdir({ 'a.txt': 'x' })
  const file = { path: join(folder, 'a.txt'), name: 'a.txt', bytes: 1, mediaType: 'text/plain' }
  const endless = { upload: () => new Promise<BlobRef>(() => undefined) }
  await t.rejects(uploadFile(testContext({ signal: AbortSignal.abort() }), endless, file), {
    code: 'INTERRUPTED',
  })
})
