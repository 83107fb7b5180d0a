import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { asUtf8File, bytesAt } from '../../../../../services/agents/report/ingest/large/utf8-file.ts'
import { freshFolder } from './read-large.ts'

async function read(bytes: Buffer) {
  const folder = freshFolder()
  const [source, copy] = [join(folder, 'a.csv'), join(folder, 'copy.csv')]
  writeFileSync(source, bytes)
  const { signal } = new AbortController()
  const file = await asUtf8File(source, { size: bytes.length, copy, signal })
  return { ...file, isCopy: file.path === copy, text: readFileSync(file.path, 'utf8') }
}

t.test('UTF-8 stays where it is', async (t) => {
  const file = await read(Buffer.from('a,b\ncafé,2\n'))
  t.match(file, { isCopy: false, head: 'a,b\ncafé,2\n', notes: [] })
})

t.test('the beginning ends with a line, and tells how many there are', async (t) => {
  const line = `${'x'.repeat(99)}\n`
  const file = await read(Buffer.from(line.repeat(20_000)))
  t.ok(file.head.length <= 1024 * 1024)
  t.ok(file.head.endsWith('x\n'))
  t.ok(Math.abs(file.estimatedLines / 20_000 - 1) < 0.01, `${file.estimatedLines}`)
})

t.test('other encodings are written anew', async (t) => {
  const wide = await read(Buffer.from('\ufeffa,b\né,2\n', 'utf16le'))
  t.equal(wide.isCopy, true)
  t.equal(wide.text.replace('\ufeff', ''), 'a,b\né,2\n')
  t.same(wide.notes, ['The encoding is UTF-16LE.'])
  const narrow = await read(Buffer.from('name,n\ncafé crème,1\ndéjà vu,2\n'.repeat(50), 'latin1'))
  t.equal(narrow.text, 'name,n\ncafé crème,1\ndéjà vu,2\n'.repeat(50))
  t.match(narrow.notes, [/^The text is not UTF-8; it was read as /])
})

t.test('a few damaged places, zero bytes and line ends of old Macs are put right', async (t) => {
  const damaged = await read(
    Buffer.concat([Buffer.from('é,1\n'.repeat(50)), Buffer.from([0x78, 0xff, 0x0a])]),
  )
  t.equal(damaged.text, `${'é,1\n'.repeat(50)}x\ufffd\n`)
  t.same(damaged.notes, ['Some places are not valid UTF-8 and show as \ufffd.'])
  const zeros = await read(Buffer.from(`${'a,b,c,d,e\n'.repeat(99)}1,\0 2,3,4,5\n`))
  t.equal(zeros.text, `${'a,b,c,d,e\n'.repeat(99)}1, 2,3,4,5\n`)
  t.same(zeros.notes, ['Control characters were removed.'])
  t.equal((await read(Buffer.from('a,b\r1,2\r'))).text, 'a,b\n1,2\n')
})

t.test('some bytes, fewer at the end', async (t) => {
  const path = join(freshFolder(), 'a')
  writeFileSync(path, 'abcdef')
  t.equal((await bytesAt(path, 1, 3)).toString(), 'bcd')
  t.equal((await bytesAt(path, 4, 10)).toString(), 'ef')
})
