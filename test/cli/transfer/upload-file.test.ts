import { appendFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { KeptUpload } from '#platform/nats/counted-upload.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { UploadInfo } from '../../../services/cli/client/transport.ts'
import { uploadFile } from '../../../services/cli/transfer/upload-file.ts'
import { testContext } from '../cli-context-fixture.ts'

const OBJECT: BlobRef = {
  blob: 'uploads/x',
  size: 600_000,
  sha256: '0'.repeat(64),
  contentType: 'text/plain',
}
const REF: KeptUpload = { object: OBJECT, expiresAtMs: 1 }

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
  t.match(client.taken.about, { contentType: 'text/plain', name: 'a.txt', size: 600_000 })
  t.strictSame(client.taken.sizes, [262_144, 262_144, 75_712])
})

t.test('a file that cannot be read is told by its name', async (t) => {
  const file = { path: join(t.testdir(), 'gone'), name: 'gone.txt', bytes: 1, mediaType: 'text/plain' }
  await t.rejects(uploadFile(testContext(), takingClient(), file), {
    code: 'FILE_UNREADABLE',
    message: /^gone\.txt cannot be read: /,
  })
})

t.test('an interruption ends it, and waits a moment until what was stored is gone', async (t) => {
  const folder = t.testdir({ 'a.txt': 'x' })
  const file = { path: join(folder, 'a.txt'), name: 'a.txt', bytes: 1, mediaType: 'text/plain' }
  const endless = { upload: () => new Promise<KeptUpload>(() => undefined) }
  const aborted = testContext({ signal: AbortSignal.abort() })
  await t.rejects(uploadFile(aborted, endless, file), { code: 'INTERRUPTED' })
  t.equal(aborted.time.nowMs, 5000, 'not for ever')

  const controller = new AbortController()
  let isTidy = false
  const tidy = {
    upload: async (_bytes: AsyncIterable<Uint8Array>, { signal }: UploadInfo): Promise<KeptUpload> => {
      await new Promise((resolve) => signal!.addEventListener('abort', resolve))
      await new Promise((resolve) => setImmediate(resolve))
      isTidy = true
      throw signal!.reason
    },
  }
  const context = { ...testContext({ signal: controller.signal }), clock: systemClock }
  const upload = uploadFile(context, tidy, file)
  controller.abort()
  await t.rejects(upload, { code: 'INTERRUPTED', message: 'interrupted: nothing of a.txt is kept' })
  t.ok(isTidy)
})

/** Takes a few pieces, then does something, then takes the rest. */
function pausing(after: number, then: () => void) {
  return {
    upload: async (bytes: AsyncIterable<Uint8Array>) => {
      let pieces = 0
      let size = 0
      for await (const piece of bytes) {
        size += piece.length
        if (++pieces === after) then()
      }
      return { ...REF, object: { ...OBJECT, size } }
    },
  }
}

t.test('of a file that grows, what was there is sent; one that shrinks is told', async (t) => {
  const folder = t.testdir({ 'a.log': 'x'.repeat(600_000), 'b.log': 'x'.repeat(6_000_000), 'c.log': '' })
  const fileOf = (name: string, bytes: number) => ({
    path: join(folder, name),
    name,
    bytes,
    mediaType: 'text/plain',
  })
  const grown = pausing(1, () => appendFileSync(join(folder, 'a.log'), 'more'))
  t.equal((await uploadFile(testContext(), grown, fileOf('a.log', 600_000))).object.size, 600_000)
  const shrunk = pausing(1, () => truncateSync(join(folder, 'b.log'), 1000))
  await t.rejects(uploadFile(testContext(), shrunk, fileOf('b.log', 6_000_000)), {
    code: 'FILE_UNREADABLE',
    message: /^b\.log became shorter while it was read: \d+ of 6000000 bytes$/,
  })
  t.equal(
    (
      await uploadFile(
        testContext(),
        pausing(1, () => {}),
        fileOf('c.log', 0),
      )
    ).object.size,
    0,
  )
})

t.test('a connection that breaks off is told with how far it came', async (t) => {
  const folder = t.testdir({ 'a.txt': 'x'.repeat(600_000) })
  const file = { path: join(folder, 'a.txt'), name: 'a.txt', bytes: 600_000, mediaType: 'text/plain' }
  const away = new MurmurError('UNAVAILABLE', 'the edge at http://x does not answer: other side closed')
  const breaking = pausing(1, () => {
    throw away
  })
  await t.rejects(uploadFile(testContext(), breaking, file), {
    code: 'UNAVAILABLE',
    message:
      'a.txt: the upload broke off after 256 KiB of 586 KiB and has to begin anew: the edge at http://x does not answer: other side closed',
  })
  await t.rejects(uploadFile(testContext(), { upload: () => Promise.reject(away) }, file), away)
})

t.test('a connection on which nothing moves is given up', async (t) => {
  const folder = t.testdir({ 'a.txt': 'x'.repeat(600_000) })
  const file = { path: join(folder, 'a.txt'), name: 'a.txt', bytes: 600_000, mediaType: 'text/plain' }
  const context = testContext()
  const standing = {
    upload: async (bytes: AsyncIterable<Uint8Array>, { signal }: UploadInfo): Promise<KeptUpload> => {
      for await (const _piece of bytes) break
      await new Promise((resolve) => {
        signal!.addEventListener('abort', resolve)
        context.time.nowMs += 60_001
      })
      throw signal!.reason
    },
  }
  await t.rejects(uploadFile(context, standing, file), {
    code: 'UNAVAILABLE',
    message: /^a\.txt: the upload broke off after 256 KiB of 586 KiB .*nothing has moved for 60 s$/,
  })
})
