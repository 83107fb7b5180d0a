import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FolderStore } from '../../../services/platform/storage/folder-store.ts'
import { checkFileStore } from '../../support/file-store-conformance.ts'

t.test('a folder keeps what a store promises', (t) =>
  checkFileStore(t, new FolderStore(join(t.testdir(), 'new'))),
)

t.test(
  'what a write that was cut short left is not listed; files are private, none is left over',
  async (t) => {
    const folder = t.testdir()
    const store = new FolderStore(folder)
    await store.write('a/one', Buffer.from('x'))
    t.equal(await store.create('a/one', Buffer.from('y')), false)
    t.strictSame(readdirSync(join(folder, 'a')), ['one'])
    t.equal(statSync(join(folder, 'a/one')).mode & 0o777, 0o600)
    writeFileSync(join(folder, 'a/two.part-abc'), 'half')
    t.strictSame(
      (await store.list('a/')).map(({ key }) => key),
      ['a/one'],
    )
  },
)

t.test('what the file system refuses is told by its name', async (t) => {
  const folder = t.testdir({ file: 'x' })
  const store = new FolderStore(folder)
  await t.rejects(store.write('file/one', Buffer.from('x')), { code: 'UNAVAILABLE', message: /file\/one/ })
  mkdirSync(join(folder, 'taken'))
  await t.rejects(store.read('taken'), { code: 'UNAVAILABLE' })
})
