import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { BackupWriter, openBackup } from '../../../services/cli/backup/backup-folder.ts'
import { CliError } from '../../../services/cli/cli-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'murmur-backup-folder-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const about = (name: string) => ({
  config: { name, num_replicas: 3 },
  state: { messages: 2, bytes: 20, first_seq: 1, last_seq: 2 },
})
const CHUNKS = [Buffer.from('the first '), Buffer.from('and the second')]
const FACTS = { version: '1.0.0', natsVersion: '2.11.0', startedAtMs: 1, endedAtMs: 2 }

async function write(path: string): Promise<void> {
  const writer = await BackupWriter.create(path)
  for (const name of ['LOG', 'KEYS'])
    await writer.addStream(name, async (write) => {
      for (const chunk of CHUNKS) await write(chunk)
      return about(name)
    })
  await writer.finish(FACTS)
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof CliError ? error.code : String(error)),
  )
}

t.test('what was written comes back, byte by byte', async (t) => {
  const path = join(folder, 'whole')
  await write(path)
  let read = 0
  const backup = await openBackup(path, (bytes) => {
    read += bytes
  })
  t.strictSame(
    backup.manifest.streams.map(({ name, messages, fileBytes }) => [name, messages, fileBytes]),
    [
      ['LOG', 2, 24],
      ['KEYS', 2, 24],
    ],
  )
  t.equal(read, 48)
  t.strictSame(await backup.about('LOG'), about('LOG'))
  const chunks: Uint8Array[] = []
  for await (const chunk of backup.chunks('LOG')) chunks.push(chunk)
  t.equal(Buffer.concat(chunks).toString(), 'the first and the second')
})

t.test('a backup that fails on the way leaves nothing', async (t) => {
  const path = join(folder, 'sub', 'failed')
  const writer = await BackupWriter.create(path)
  const failing = writer.addStream('LOG', async (write) => {
    await write(CHUNKS[0]!)
    throw new Error('the disk is full')
  })
  await t.rejects(failing, /the disk is full/)
  await writer.abandon()
  t.strictSame(readdirSync(join(folder, 'sub')), [])
})

t.test('it goes into an empty folder, and over nothing else', async (t) => {
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  await write(empty)
  t.equal(await codeOf(openBackup(empty)), 'done')
  t.equal(await codeOf(BackupWriter.create(empty)), 'FILE_EXISTS')
  const file = join(folder, 'file')
  writeFileSync(file, 'mine')
  t.equal(await codeOf(BackupWriter.create(file)), 'FILE_EXISTS')
  t.equal(readFileSync(file, 'utf8'), 'mine')
})

t.test('what is no backup, or not as it was written, is refused', async (t) => {
  t.equal(await codeOf(openBackup(join(folder, 'absent'))), 'BACKUP_UNUSABLE')
  const cases: [string, (path: string) => void][] = [
    ['a byte differs', (path) => writeFileSync(join(path, 'LOG/stream.tar.s2'), 'The first and the second')],
    [
      'a byte is missing',
      (path) => writeFileSync(join(path, 'KEYS/stream.tar.s2'), 'the first and the secon'),
    ],
    ['an archive is gone', (path) => rmSync(join(path, 'KEYS/stream.tar.s2'))],
    ['the manifest is no JSON', (path) => writeFileSync(join(path, 'manifest.json'), '{')],
    [
      'a name that leads elsewhere',
      (path) => {
        const manifest = readFileSync(join(path, 'manifest.json'), 'utf8')
        writeFileSync(join(path, 'manifest.json'), manifest.replace('"KEYS"', '"../KEYS"'))
      },
    ],
    [
      'of a later format',
      (path) => {
        const manifest = readFileSync(join(path, 'manifest.json'), 'utf8')
        writeFileSync(join(path, 'manifest.json'), manifest.replace('"format": 1', '"format": 2'))
      },
    ],
  ]
  for (const [i, [what, spoil]] of cases.entries()) {
    const path = join(folder, `spoilt-${i}`)
    await write(path)
    spoil(path)
    t.equal(await codeOf(openBackup(path)), 'BACKUP_UNUSABLE', what)
  }
  const path = join(folder, 'about')
  await write(path)
  writeFileSync(join(path, 'LOG/backup.json'), JSON.stringify(about('KEYS')))
  const backup = await openBackup(path)
  t.equal(await codeOf(backup.about('LOG')), 'BACKUP_UNUSABLE', 'a description of another stream')
})
