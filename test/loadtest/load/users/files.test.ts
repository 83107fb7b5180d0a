import t from 'tap'
import { BROKEN_NAMES, readFiles, SOURCE_NAMES } from '../../../../loadtest/load/users/files.ts'

t.test('users upload real texts, tables and pictures, and some that are broken', async (t) => {
  const files = readFiles()
  t.strictSame([...files.keys()], [...SOURCE_NAMES, ...BROKEN_NAMES])
  t.match(Buffer.from(files.get('notes.md')!.bytes).toString(), /^# /)
  t.strictSame([...files.get('sea-ice.png')!.bytes.subarray(1, 4)], [...Buffer.from('PNG')])
  t.ok(files.get('cut-off.png')!.bytes.length < files.get('sea-ice.png')!.bytes.length)
  t.throws(() => JSON.parse(Buffer.from(files.get('not-json.json')!.bytes).toString()))
  for (const { contentType } of files.values()) t.match(contentType, /^(text|image|application)\//)
})
