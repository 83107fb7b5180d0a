import fc from 'fast-check'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  readZipEntry,
  zipEntriesOf,
} from '../../../../../services/agents/report/ingest/archive/zip-entries.ts'
import { zipOf } from './zip-of.ts'

async function read(zip: Uint8Array, name: string, maxBytes = 1_000_000): Promise<string> {
  const entry = zipEntriesOf(zip)?.get(name)
  if (!entry) throw new Error(`no ${name}`)
  const pieces: Uint8Array[] = []
  for await (const piece of readZipEntry(zip, entry, maxBytes)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

t.test('entries by the directory, also with a comment behind it', async (t) => {
  const zip = zipOf({ 'a.txt': 'hello', 'b/c.txt': 'x'.repeat(1000) })
  t.equal(await read(zip, 'a.txt'), 'hello')
  zip.writeUInt16LE(7, zip.length - 2)
  t.equal((await read(Buffer.concat([zip, Buffer.from('comment')]), 'b/c.txt')).length, 1000)
})

t.test('hostile archives: cut off, damaged, bombs', async (t) => {
  const zip = zipOf({ 'a.txt': 'hello hello hello' })
  t.equal(zipEntriesOf(zip.subarray(0, zip.length - 10)), undefined)
  t.equal(zipEntriesOf(new Uint8Array()), undefined)
  const damaged = zipOf({ 'a.txt': Array.from({ length: 300 }, (_, i) => (i * i * 7919) % 1000).join(' ') })
  damaged.fill(0xff, 40, 80)
  await t.rejects(read(damaged, 'a.txt'), { code: 'BROKEN_FILE', message: /damaged/ })
  const bomb = zipOf({ 'a.txt': Buffer.alloc(50_000_000) })
  t.ok(bomb.length < 100_000)
  await t.rejects(read(bomb, 'a.txt'), { code: 'LIMIT_EXCEEDED', message: /more than 1 MiB/ })
  const away = Buffer.from(zip)
  away.writeUInt32LE(0xfffffff0, away.length - 22 - 'a.txt'.length - 4)
  await t.rejects(read(away, 'a.txt'), { code: 'BROKEN_FILE', message: /cut off/ })
})

t.test('any change of a byte is read or refused, never worse', async () => {
  const zip = zipOf({ 'a.txt': 'hello hello hello', 'b.txt': 'world' })
  const change = fc.record({ at: fc.nat(zip.length - 1), to: fc.nat(255) })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(zip)
      for (const { at, to } of changes) bytes[at] = to
      for (const entry of zipEntriesOf(bytes)?.values() ?? []) {
        try {
          for await (const _ of readZipEntry(bytes, entry, 10_000));
        } catch (error) {
          if (!(error instanceof MurmurError)) throw error
        }
      }
    }),
    { numRuns: 200 },
  )
})
