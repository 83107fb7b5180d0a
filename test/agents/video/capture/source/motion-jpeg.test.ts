import t from 'tap'
import type { Dispatcher } from 'undici'
import { jpegPictures } from '../../../../../services/agents/video/capture/source/jpeg-pictures.ts'
import {
  MOTION_JPEG_TYPE,
  motionJpeg,
  type PictureSource,
  pictureKind,
} from '../../../../../services/agents/video/capture/source/motion-jpeg.ts'

/** The smallest that reads as a picture: a segment with a number in it. */
const picture = (number: number) => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, number, 0xff, 0xd9])

async function* body(...parts: Buffer[]) {
  yield* parts
}

function answer(statusCode: number, ...parts: Buffer[]): Dispatcher.ResponseData {
  const dump = async () => undefined
  return { statusCode, body: Object.assign(body(...parts), { dump }) } as unknown as Dispatcher.ResponseData
}

/** Sleeping is what moves its time. */
function testClock() {
  let nowMs = 0
  return {
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms
    },
  }
}

function source(about: Partial<PictureSource>): PictureSource {
  const again = async () => {
    throw new Error('not to be asked again')
  }
  return { kind: 'picture', body: body(picture(0)), again, signal: new AbortController().signal, ...about }
}

t.test('what a source gives: by its type, else by how it begins, and only where it succeeded', async (t) => {
  const kind = (type: string | undefined, head: Buffer = Buffer.alloc(0), statusCode = 200) =>
    pictureKind({ answer: { headers: type === undefined ? {} : { 'content-type': type }, statusCode }, head })
  t.equal(kind('multipart/x-mixed-replace; boundary=x'), 'parts')
  t.equal(kind('Multipart/X-Mixed-Replace'), 'parts')
  t.equal(kind('multipart/mixed; boundary=x'), 'parts')
  for (const type of [undefined, 'text/plain', 'application/octet-stream'])
    for (const begun of ['--frame', '\r\n--fra'])
      t.equal(kind(type, Buffer.from(begun)), 'parts', `${type}: parts all the same`)
  t.equal(kind('text/html', Buffer.from('<!-- a ')), undefined)
  for (const type of ['image/jpeg', 'image/jpg;q=1', 'IMAGE/PJPEG', 'video/x-motion-jpeg', 'video/mjpeg'])
    t.equal(kind(type), 'picture', type)
  t.equal(kind(undefined, picture(1)), 'picture')
  t.equal(kind('application/octet-stream', picture(1)), 'picture')
  t.equal(kind('video/mp4', picture(1)), undefined, 'says that it is another video')
  t.equal(kind('text/html'), undefined)
  t.equal(kind(undefined, picture(1).subarray(0, 2)), undefined)
  t.equal(kind('image/jpeg', picture(1), 404), undefined)
  t.equal(kind('image/jpeg', picture(1), 206), 'picture')
})

t.test('a stream of parts ends where its source ends; each part has its length', async (t) => {
  const parts = []
  const given = source({ kind: 'parts', body: body(picture(1), picture(2)) })
  for await (const part of motionJpeg(given, { clock: testClock(), pictureIntervalMs: 100 })) parts.push(part)
  t.equal(parts.length, 2)
  const boundary = /boundary=(.+)/.exec(MOTION_JPEG_TYPE)?.[1]
  t.equal(
    parts[0]?.toString('latin1'),
    `--${boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: 10\r\n\r\n${picture(1).toString('latin1')}\r\n`,
  )
  const found = []
  for await (const each of jpegPictures(body(...parts))) found.push(each)
  t.strictSame(found, [picture(1), picture(2)], 'ffmpeg finds the same pictures in it')
})

t.test('one picture is asked for again at even distances, until nobody wants more', async (t) => {
  const clock = testClock()
  const asked: number[] = []
  const again = async () => {
    asked.push(clock.monotonicMs())
    return answer(200, picture(asked.length))
  }
  const pictures = motionJpeg(source({ again }), { clock, pictureIntervalMs: 200 })
  for (let i = 0; i < 4; i++) await pictures.next()
  await pictures.return(undefined)
  t.strictSame(asked, [200, 400, 600])
})

t.test('several pictures at once are a stream of its own: it is not asked again', async (t) => {
  const parts = []
  const given = source({ body: body(picture(1), picture(2)) })
  for await (const part of motionJpeg(given, { clock: testClock(), pictureIntervalMs: 100 })) parts.push(part)
  t.equal(parts.length, 2)
})

t.test('some pictures may be missed, for four seconds; then the source counts as away', async (t) => {
  const clock = testClock()
  let tries = 0
  const given = source({
    again: async () => (++tries === 3 ? answer(200, picture(1)) : answer(503)),
  })
  const pictures = motionJpeg(given, { clock, pictureIntervalMs: 200 })
  await pictures.next()
  t.match(await pictures.next(), { done: false }, 'two misses are got over')
  const fromMs = clock.monotonicMs()
  await t.rejects(pictures.next(), { code: 'SOURCE_UNAVAILABLE', message: /status 503/ })
  const awayMs = clock.monotonicMs() - fromMs
  t.ok(awayMs > 4000 && awayMs < 6000, `${awayMs} ms`)
})

t.test('who ends it hears their own reason', async (t) => {
  const stopping = new AbortController()
  const reason = new Error('enough')
  const again = async () => {
    stopping.abort(reason)
    throw new Error('cut off')
  }
  const pictures = motionJpeg(source({ again, signal: stopping.signal }), {
    clock: testClock(),
    pictureIntervalMs: 1,
  })
  await pictures.next()
  await t.rejects(pictures.next(), reason)
})
