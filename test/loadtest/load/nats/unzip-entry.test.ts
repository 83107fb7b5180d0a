import { deflateRawSync } from 'node:zlib'
import t from 'tap'
import { unzipEntry } from '../../../../loadtest/load/nats/unzip-entry.ts'

/** An archive of these files, the even ones packed. */
function zip(files: readonly (readonly [name: string, content: string])[], method = 8): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [i, [name, content]] of files.entries()) {
    const isPacked = i % 2 === 0
    const bytes = isPacked ? deflateRawSync(content) : Buffer.from(content)
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50)
    header.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50)
    entry.writeUInt16LE(isPacked ? method : 0, 10)
    entry.writeUInt32LE(bytes.length, 20)
    entry.writeUInt32LE(content.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    directory.push(entry, Buffer.from(name))
    parts.push(header, Buffer.from(name), bytes)
    at += 30 + name.length + bytes.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, ...directory, end, Buffer.from('a comment')])
}

t.test('one file out of an archive, packed or not', async (t) => {
  const text = 'the program '.repeat(50)
  const archive = zip([
    ['a/README.md', 'read me'],
    ['a/LICENSE', 'free'],
    ['a/nats', text],
  ])
  t.equal(unzipEntry(archive, 'a/nats').toString(), text)
  t.equal(unzipEntry(archive, 'a/LICENSE').toString(), 'free')
})

t.test('what is not there, or no archive, is said', async (t) => {
  t.throws(() => unzipEntry(zip([['a', 'b']]), 'nats'), /has no nats/)
  t.throws(() => unzipEntry(Buffer.from('<html>not found</html>'.repeat(3)), 'nats'), /no ZIP archive/)
  t.throws(() => unzipEntry(zip([['a', 'b']], 14), 'a'), /method 14/)
})
