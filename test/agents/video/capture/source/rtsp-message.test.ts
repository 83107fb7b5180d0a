import t from 'tap'
import {
  createRtspReader,
  encodeRtsp,
  headerOf,
} from '../../../../../services/agents/video/capture/source/rtsp-message.ts'

const frame = (length: number) =>
  Buffer.concat([Buffer.from([0x24, 0, length >> 8, length & 255]), Buffer.alloc(length, 0x0d)])
const message = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 7\r\nContent-Length: 3\r\n\r\n$$$')

t.test('messages and media come out as they went in, however they are cut', async (t) => {
  const wire = Buffer.concat([message, frame(5), frame(300), Buffer.from('\r\n'), message, frame(0)])
  for (const size of [1, 2, 7, 64, wire.length]) {
    const read = createRtspReader()
    const parts = []
    for (let at = 0; at < wire.length; at += size) parts.push(...read(wire.subarray(at, at + size)))
    const media = Buffer.concat(parts.flatMap((part) => (part.kind === 'media' ? [part.bytes] : [])))
    t.ok(media.equals(Buffer.concat([frame(5), frame(300), frame(0)])), `${size} bytes at a time`)
    const messages = parts.flatMap((part) => (part.kind === 'message' ? [part.message] : []))
    t.strictSame(
      messages.map((each) => [headerOf(each, 'cseq'), String(each.body)]),
      [
        ['7', '$$$'],
        ['7', '$$$'],
      ],
    )
    t.ok(encodeRtsp(messages[0]!).equals(message))
  }
})

t.test('what is no RTSP, or too much of it, is refused', async (t) => {
  for (const [text, code] of [
    ['HTTP/1.1 200 OK\r\n\r\n', 'SOURCE_UNAVAILABLE'],
    ['RTSP/1.0 200 OK\r\nContent-Length: 1000000\r\n\r\n', 'LIMIT_EXCEEDED'],
    ['RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n', 'LIMIT_EXCEEDED'],
    ['A'.repeat(20_000), 'LIMIT_EXCEEDED'],
  ] as const)
    t.throws(() => createRtspReader()(Buffer.from(text)), { code }, text.slice(0, 40))
})
