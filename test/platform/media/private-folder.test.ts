import { readFile, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import t from 'tap'
import { createPrivateFile, createPrivateFolder } from '#platform/media/private-folder.ts'

t.test('a folder that only this user can enter, gone with what is in it', async (t) => {
  const folder = await createPrivateFolder('test')
  t.ok(basename(folder.path).startsWith(`murmur-test-${process.pid}-`))
  t.equal((await stat(folder.path)).mode & 0o777, 0o700)
  await folder.remove()
  await t.rejects(stat(folder.path), { code: 'ENOENT' })
  await folder.remove()
})

t.test('a file in a folder of its own, gone with it', async (t) => {
  const file = await createPrivateFile('test', Buffer.from('bytes'))
  t.equal((await stat(file.path)).mode & 0o777, 0o600)
  t.equal(await readFile(file.path, 'utf8'), 'bytes')
  await file.remove()
  await t.rejects(stat(dirname(file.path)), { code: 'ENOENT' })
})
