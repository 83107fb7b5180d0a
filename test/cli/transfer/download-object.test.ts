import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import { downloadObject } from '../../../services/cli/transfer/download-object.ts'
import { testContext } from '../cli-context-fixture.ts'

const TEXT = 'x,y\n1,2\n'
const SHA256 = createHash('sha256').update(TEXT).digest('hex')
const clientWith = (given: Partial<BlobReading> = {}) => ({
  read: async (): Promise<BlobReading> => ({
    size: TEXT.length,
    sha256: SHA256,
    contentType: 'text/csv',
    name: 'a.csv',
    bytes: new Blob([TEXT]).stream(),
    ...given,
  }),
})

t.test('an object becomes a file, in folders that are made', async (t) => {
  const folder = t.testdir()
  const fileOf = (name: string | undefined) => join(folder, 'new', name ?? 'none')
  const done = await downloadObject(testContext(), clientWith(), 'k', fileOf, { mayReplace: false })
  t.strictSame(done, { file: join(folder, 'new/a.csv'), size: 8, sha256: SHA256, contentType: 'text/csv' })
  t.equal(readFileSync(done.file, 'utf8'), TEXT)
  t.strictSame(readdirSync(join(folder, 'new')), ['a.csv'], 'nothing else is left')
})

t.test('a file that is there stays unless it may be replaced', async (t) => {
  const folder = t.testdir({ 'a.csv': 'mine' })
  const file = join(folder, 'a.csv')
  const download = (mayReplace: boolean) =>
    downloadObject(testContext(), clientWith(), 'k', () => file, { mayReplace })
  await t.rejects(download(false), { code: 'FILE_EXISTS', exitCode: 5 })
  t.equal(readFileSync(file, 'utf8'), 'mine')
  await download(true)
  t.equal(readFileSync(file, 'utf8'), TEXT)
  t.strictSame(readdirSync(folder), ['a.csv'])
})

t.test('bytes that are not those that were kept leave no file', async (t) => {
  const folder = t.testdir()
  const download = (given: Partial<BlobReading>) =>
    downloadObject(testContext(), clientWith(given), 'k', () => join(folder, 'a.csv'), { mayReplace: false })
  await t.rejects(download({ sha256: '0'.repeat(64) }), { code: 'BLOB_CORRUPT' })
  const torn = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new Error('the connection was lost')),
  })
  await t.rejects(download({ bytes: torn }), /connection was lost/, 'told as it is')
  t.strictSame(readdirSync(folder), [])
})

t.test('a folder that cannot be made is a fault of the file', async (t) => {
  const folder = t.testdir({ file: '' })
  const download = downloadObject(testContext(), clientWith(), 'k', () => join(folder, 'file/a.csv'), {
    mayReplace: false,
  })
  await t.rejects(download, { code: 'FILE_UNREADABLE', fix: /folder that is there/ })
})
