import { closeSync, existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { logTail, openServiceLog } from '../../../../deploy/local/stack/service-log.ts'

t.test(
  'the tail is what explains an end: messages with reasons, no frames of Node, twelve lines',
  async (t) => {
    const before = 'of an earlier run\n'
    const json = (entry: object) => `${JSON.stringify(entry)}\n`
    const file = join(t.testdir({ log: '' }), 'log')
    writeFileSync(
      file,
      before +
        json({ level: 'error', message: 'it broke', err: { message: 'no disk' } }) +
        json({ level: 'warn', message: 'odd', reason: 'a reason' }) +
        json({ level: 'info', message: 'plain' }) +
        json({ level: 'info' }) +
        '\n{"cut off\n    at x (node:internal/x:1:2)\n    at mine (/x/y.ts:1:2)\n',
    )
    t.strictSame(logTail(file, before.length).split('\n'), [
      'error: it broke: no disk',
      'warn: odd: a reason',
      'info: plain',
      '{"level":"info"}',
      '{"cut off',
      '    at mine (/x/y.ts:1:2)',
    ])
    writeFileSync(file, Array.from({ length: 20 }, (_, i) => `line ${i} ${'x'.repeat(500)}`).join('\n'))
    const lines = logTail(file, 0).split('\n')
    t.equal(lines.length, 12)
    t.match(lines[0], /^line 8 /)
    t.equal(lines[0]!.length, 400)
  },
)

t.test('a log is appended to; a large one is put aside, and the one before it is gone', async (t) => {
  const file = join(t.testdir({}), 'logs', 'service.log')
  const append = (text: string) => {
    const log = openServiceLog(file)
    writeSync(log, text)
    closeSync(log)
  }
  append('one')
  append('two')
  t.equal(readFileSync(file, 'utf8'), 'onetwo')
  t.notOk(existsSync(`${file}.old`))
  writeFileSync(file, Buffer.alloc(8 * 1024 * 1024 + 1, 'a'))
  append('three')
  t.equal(readFileSync(file, 'utf8'), 'three')
  t.equal(readFileSync(`${file}.old`).length, 8 * 1024 * 1024 + 1)
})
