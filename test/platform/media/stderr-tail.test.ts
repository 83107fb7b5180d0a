import { PassThrough } from 'node:stream'
import t from 'tap'
import { collectStderrTail, lastErrorLine } from '#platform/media/stderr-tail.ts'

t.test('stderrTail: without passwords, addresses in memory and our paths', async (t) => {
  t.equal(
    lastErrorLine(
      'x\n[rtsp @ 0x55f] method DESCRIBE failed: 401 Unauthorized\nrtsp://me:secret@10.0.0.5/a: Server returned 401\n',
    ),
    'rtsp://[redacted]@10.0.0.5/a: Server returned 401',
  )
  t.equal(lastErrorLine('file:/tmp/murmur-capture-1-x/source: Invalid data found'), 'Invalid data found')
  t.equal(lastErrorLine(''), 'no reason was given')
})

t.test('the reason, not what follows from it', async (t) => {
  t.equal(lastErrorLine('moov atom not found\nConversion failed!\n'), 'moov atom not found')
  t.equal(lastErrorLine('Conversion failed!'), 'Conversion failed!', 'when there is nothing else')
  t.equal(lastErrorLine('[a @ 0x1] [b @ 0x2] odd'), 'odd')
  t.equal(lastErrorLine('/tmp/x/source: Invalid data found', '/tmp/x/source'), 'Invalid data found')
  t.equal(lastErrorLine('x'.repeat(500)).length, 200)
})

t.test('the end of a long stderr is kept', async (t) => {
  const stderr = new PassThrough()
  const tail = collectStderrTail(stderr)
  stderr.write('first')
  stderr.end(`${'x'.repeat(8 * 1024)}last`)
  await new Promise((resolve) => stderr.once('end', resolve))
  t.equal(tail().length, 8 * 1024)
  t.ok(tail().endsWith('xlast'))
})
