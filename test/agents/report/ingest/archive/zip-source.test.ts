import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  type ZipSource,
  zipOfBytes,
  zipOfFile,
} from '../../../../../services/agents/report/ingest/archive/zip-source.ts'
import { freshFolder } from '../large/read-large.ts'
import { zipOf } from './zip-of.ts'

async function textOf(zip: ZipSource, name: string, maxBytes = 1_000_000): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of zip.read(zip.entries.get(name)!, maxBytes)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

function written(bytes: Uint8Array): string {
  const path = join(freshFolder(), 'a.zip')
  writeFileSync(path, bytes)
  return path
}

const noise = Array.from({ length: 400_000 }, (_, i) => (i * i * 7919) % 1000).join(' ')

t.test('an archive on disk is read as one in memory, also where it is longer than its end', async (t) => {
  const bytes = zipOf({ 'a.txt': 'hello', 'b/c.txt': noise, 'd.txt': 'x'.repeat(9_000_000) })
  const [memory, disk] = [zipOfBytes(bytes)!, (await zipOfFile(written(bytes)))!]
  t.same([...disk.entries], [...memory.entries])
  t.equal(disk.entries.get('b/c.txt')!.unpackedBytes, noise.length)
  for (const name of ['a.txt', 'b/c.txt'])
    t.equal(await textOf(disk, name, 1e7), await textOf(memory, name, 1e7))
  const longer = Buffer.concat([bytes, Buffer.alloc(0)])
  t.equal(await textOf((await zipOfFile(written(longer)))!, 'a.txt'), 'hello')
})

t.test('hostile archives on disk: cut off, damaged, bombs', async (t) => {
  const bytes = zipOf({ 'a.txt': noise })
  t.equal(await zipOfFile(written(bytes.subarray(0, bytes.length - 10))), undefined)
  const damaged = Buffer.from(bytes).fill(0xff, 2_000, 2_400)
  await t.rejects(textOf((await zipOfFile(written(damaged)))!, 'a.txt', 1e7), { code: 'BROKEN_FILE' })
  // The directory stays, what it points to is gone.
  await t.rejects(textOf((await zipOfFile(written(bytes.subarray(5_000))))!, 'a.txt', 1e7), {
    code: 'BROKEN_FILE',
    message: /cut off/,
  })
  await t.rejects(textOf((await zipOfFile(written(bytes)))!, 'a.txt', 100_000), { code: 'LIMIT_EXCEEDED' })
})
