import type { Test } from 'tap'
import type { FileStore } from '../../services/platform/storage/file-store.ts'

/** What every store of files promises. The store has to be empty. */
export async function checkFileStore(t: Test, store: FileStore): Promise<void> {
  const bytes = (text: string) => Buffer.from(text)
  const text = async (key: string, range?: { from: number; bytes: number }) => {
    const found = await store.read(key, range)
    return found && Buffer.from(found).toString()
  }
  await t.test('what was written is read, whole and in parts', async (t) => {
    t.equal(await text('a/none'), undefined)
    await store.write('a/one.zst', bytes('murmuration'))
    t.equal(await text('a/one.zst'), 'murmuration')
    t.equal(await text('a/one.zst', { from: 3, bytes: 4 }), 'mura')
    t.equal(await text('a/one.zst', { from: 8, bytes: 100 }), 'ion')
    await store.write('a/one.zst', bytes('starlings'))
    t.equal(await text('a/one.zst'), 'starlings')
  })
  await t.test('what is there is not created again; of many at the same time one succeeds', async (t) => {
    t.equal(await store.create('a/two', bytes('first')), true)
    t.equal(await store.create('a/two', bytes('second')), false)
    t.equal(await text('a/two'), 'first')
    const many = await Promise.all(
      Array.from({ length: 12 }, (_, i) => store.create('a/three', bytes(String(i)))),
    )
    t.equal(many.filter((done) => done).length, 1)
    t.equal(await text('a/three'), String(many.indexOf(true)))
  })
  await t.test('what room there is, where that can be said', async (t) => {
    const room = await store.room()
    if (room) t.ok(room.freeBytes >= 0 && room.freeBytes <= room.totalBytes && room.totalBytes > 0)
    else t.equal(room, undefined)
  })
  await t.test('lists are in order, below a prefix, behind a key', async (t) => {
    await Promise.all(['b/2', 'b/10', 'b/1', 'c/1'].map((key) => store.write(key, bytes(key))))
    const keys = async (...of: Parameters<FileStore['list']>) =>
      (await store.list(...of)).map(({ key }) => key)
    t.strictSame(await keys('b/'), ['b/1', 'b/10', 'b/2'])
    t.strictSame(await keys('b/1'), ['b/1', 'b/10'])
    t.strictSame(await keys('b/', { after: 'b/10' }), ['b/2'])
    t.strictSame(await keys('b/', { count: 1 }), ['b/1'])
    t.strictSame(await keys('nothing/'), [])
    const [file] = await store.list('b/10')
    t.match(file, { bytes: 4 })
    t.ok(Math.abs(file!.modifiedAtMs - Date.now()) < 600_000)
  })
  await t.test('what was deleted is not there, and may be gone already', async (t) => {
    await store.delete('b/1')
    await store.delete('b/1')
    t.equal(await text('b/1'), undefined)
    t.equal(await store.create('b/1', bytes('again')), true)
  })
  await t.test('keys that lead out of the store are none', async (t) => {
    for (const key of ['../x', '/x', 'a//b', 'a/../b', '', '.hidden'])
      await t.rejects(store.write(key, bytes('x')), /no key/, key)
  })
}
