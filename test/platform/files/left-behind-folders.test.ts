import { spawnSync } from 'node:child_process'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t from 'tap'
import { ownFolderPurpose, removeLeftBehindFolders } from '#platform/files/left-behind-folders.ts'
import { createPrivateFolder } from '#platform/media/private-folder.ts'
import { LIMITS } from '#schemas/limits.ts'

const nowMs = Date.now()
/** Of a process that has ended. */
const goneId = spawnSync(process.execPath, ['--version']).pid
const own = ownFolderPurpose('test')

async function folders(t: { testdir(): string }, names: readonly string[]): Promise<string> {
  const folder = t.testdir()
  for (const name of names) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'object-1'), 'bytes')
  }
  return folder
}

t.test('what ended processes have left is removed, and nothing else', async (t) => {
  const folder = await folders(t, [
    `murmur-${own}-${goneId}-AbCdEf`,
    `murmur-${own}-${process.pid}-AbCdEf`,
    // Runs, as whoever started this.
    `murmur-${own}-${process.ppid}-AbCdEf`,
    `murmur-${ownFolderPurpose('other')}-${goneId}-AbCdEf`,
    `murmur-test-${goneId}-AbCdEf`,
    'murmur-test',
  ])
  t.equal(await removeLeftBehindFolders('test', { nowMs, folder }), 2)
  t.strictSame(
    (await readdir(folder)).toSorted(),
    [
      `murmur-${own}-${process.ppid}-AbCdEf`,
      `murmur-${ownFolderPurpose('other')}-${goneId}-AbCdEf`,
      `murmur-test-${goneId}-AbCdEf`,
      'murmur-test',
    ].toSorted(),
  )
  t.equal(await removeLeftBehindFolders('test', { nowMs, folder }), 0)
})

t.test('ids of another machine or container mean nothing here: age does', async (t) => {
  const young = `murmur-test-00000000-${goneId}-AbCdEf`
  const old = `murmur-test-11111111-${process.pid}-AbCdEf`
  const folder = await folders(t, [young, old])
  const past = new Date(nowMs - LIMITS.stepTimeoutMs - 60_000)
  await utimes(join(folder, old), past, past)
  t.equal(await removeLeftBehindFolders('test', { nowMs, folder }), 1)
  t.strictSame(await readdir(folder), [young])
})

t.test('no folder, nothing to do', async (t) => {
  t.equal(await removeLeftBehindFolders('test', { nowMs, folder: join(t.testdir(), 'none') }), 0)
})

t.test('the folders that are made have such names', async (t) => {
  const made = await createPrivateFolder(ownFolderPurpose('test'))
  t.teardown(() => made.remove())
  t.match(basename(made.path), new RegExp(`^murmur-test-[0-9a-f]{8}-${process.pid}-[A-Za-z0-9]{6}$`))
})
