import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { makeWholeFolder } from '#platform/files/whole-folder.ts'

const around = mkdtempSync(join(tmpdir(), 'murmur-whole-folder-'))
t.teardown(() => rmSync(around, { recursive: true, force: true }))

async function fill(folder: string, text: string): Promise<void> {
  await mkdir(folder)
  writeFileSync(join(folder, 'file'), text)
}

t.test('a folder is there as a whole, made once', async (t) => {
  const folder = join(around, 'deep', 'made')
  await makeWholeFolder(folder, (unfinished) => fill(unfinished, 'first'))
  await makeWholeFolder(folder, (unfinished) => fill(unfinished, 'second'))
  t.equal(readFileSync(join(folder, 'file'), 'utf8'), 'first')
  t.strictSame(readdirSync(join(around, 'deep')), ['made'], 'nothing is left beside it')
})

t.test('what fails leaves nothing', async (t) => {
  const folder = join(around, 'failed')
  const making = makeWholeFolder(folder, async (unfinished) => {
    await fill(unfinished, 'half')
    throw new Error('no more room')
  })
  await t.rejects(making, /no more room/)
  t.notOk(existsSync(folder))
  t.notOk(readdirSync(around).some((name) => name.endsWith('.part')))
})
