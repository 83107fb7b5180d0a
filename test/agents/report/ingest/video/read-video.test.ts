import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { type FfmpegTools, findFfmpeg } from '#platform/config/ffmpeg.ts'
import { videoContentSchema } from '#schemas/document.ts'
import { createMemoryBlobs } from '#sdk/testing.ts'
import { readVideo } from '../../../../../services/agents/report/ingest/video/read-video.ts'

const execute = promisify(execFile)

const tools = await findFfmpeg()

const skip = tools ? false : 'there is no ffmpeg on this machine'

const signal = new AbortController().signal

const read = (bytes: Uint8Array, using: FfmpegTools | undefined = tools, name = 'clip.mp4') =>
  readVideo(bytes, { name, blobs: createMemoryBlobs(), signal, tools: using })

/** A frame of each half second is looked at, so a longer one takes longer to read. */
const pictureOf = (seconds: number) => [
  '-f',
  'lavfi',
  '-i',
  `testsrc=duration=${seconds}:size=320x240:rate=10`,
]
const PICTURE = pictureOf(3)
const SOUND = ['-f', 'lavfi', '-i', 'sine=duration=3']
const ENCODED = ['-c:v', 'mpeg4', '-q:v', '5', '-shortest']

t.test('abort while a video is read leaves no file', { skip }, async (t) => {
  const bytes = await makeVideo(t, 'g.mp4', [...pictureOf(1.2), ...ENCODED])
  const caller = new AbortController()
  const blobs = createMemoryBlobs()
  const aborting = {
    put: (...args: Parameters<typeof blobs.put>) => {
      caller.abort(new Error('the step was cancelled'))
      return blobs.put(...args)
    },
  }
  const reading = readVideo(bytes, { name: 'g.mp4', blobs: aborting, signal: caller.signal, tools })
  await t.rejects(reading, { message: 'the step was cancelled' })
  await read(bytes)
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith(`murmur-video-${process.pid}-`))
  t.strictSame(left, [])
})

// The others leave no files of their own to be counted.
t.jobs = 2

t.test('a video: facts, and frames spread over it', { skip }, async (t) => {
  const bytes = await makeVideo(t, 'a.mp4', [...PICTURE, ...SOUND, ...ENCODED, '-c:a', 'aac'])
  const [{ video, notes }, alone] = await Promise.all([read(bytes), read(bytes, { ffmpeg: tools!.ffmpeg })])
  t.match(video, { format: 'mp4', codec: 'mpeg4', widthPx: 320, heightPx: 240, fps: 10, hasAudio: true })
  t.ok(Math.abs(video.durationSec - 3) < 0.2)
  t.equal(video.bytes, bytes.length)
  t.equal(video.keyFrames.length, 6)
  t.match(video.keyFrames[0], { atSec: 0.25, image: { format: 'png', widthPx: 320 } })
  t.strictSame(notes, [])
  t.doesNotThrow(() => videoContentSchema.parse(video))

  t.match(alone.video, { ...video, keyFrames: Array, durationSec: Number }, 'ffprobe is not needed')
})

t.test('rotation, other containers, no sound, large frames', { skip }, async (t) => {
  const avi = await read(await makeVideo(t, 'b.avi', [...pictureOf(0.6), ...ENCODED]))
  t.match(avi.video, { format: 'avi', hasAudio: false })
  const large = ['-f', 'lavfi', '-i', 'testsrc=duration=0.4:size=2000x1000:rate=5']
  const mkv = await read(await makeVideo(t, 'c.mkv', [...large, '-c:v', 'mjpeg']))
  t.match(mkv.video, { format: 'matroska', codec: 'mjpeg', widthPx: 2000, heightPx: 1000 })
  t.match(mkv.video.keyFrames, [{ image: { widthPx: 1280, heightPx: 640 } }], 'frames are scaled down')
})

t.test('cut off before its index: broken', { skip }, async (t) => {
  const bytes = await makeVideo(t, 'd.mp4', [...PICTURE, ...ENCODED])
  const cut = bytes.subarray(0, Math.floor(bytes.length / 2))
  await t.rejects(read(cut), { code: 'BROKEN_FILE', message: /index is missing/ })
  await t.rejects(read(cut, { ffmpeg: tools!.ffmpeg }), { code: 'BROKEN_FILE', message: /index is missing/ })
})

t.test('cut off after its index: what is there, and a note', { skip }, async (t) => {
  const bytes = await makeVideo(t, 'e.mp4', [...PICTURE, ...ENCODED, '-movflags', '+faststart'])
  const { video, notes } = await read(bytes.subarray(0, Math.floor(bytes.length * 0.6)))
  t.ok(video.keyFrames.length > 0 && video.keyFrames.length < 6)
  t.match(notes, [/of 6 frames could not be read/])
  const head = bytes.indexOf('mdat') + 8
  await t.rejects(read(bytes.subarray(0, head)), { code: 'BROKEN_FILE' })
})

t.test('playlists in disguise open nothing', { skip }, async (t) => {
  const folder = t.testdir({ 'secret.txt': 'root:x:0:0' })
  const target = `file://${join(folder, 'secret.txt')}`
  const disguises = {
    hls: `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n`,
    'hls with a network address':
      '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n',
    concat: `ffconcat version 1.0\nfile '${target}'\n`,
    sdp: 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n',
  }
  for (const [kind, text] of Object.entries(disguises)) {
    for (const using of [tools!, { ffmpeg: tools!.ffmpeg }]) {
      const refused = { code: /UNSUPPORTED_FORMAT|BROKEN_FILE/, message: /^(?!.*root:)"clip\.mp4" is n/ }
      await t.rejects(read(Buffer.from(text), using), refused, kind)
    }
  }
  await t.rejects(read(Buffer.from(disguises.hls)), { code: 'UNSUPPORTED_FORMAT', message: /playlist/ })
})

t.test('a playlist in disguise calls nobody', { skip }, async (t) => {
  let calls = 0
  const server = createServer((socket) => {
    calls++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const playlist = Buffer.from(
    `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:${port}/x.ts\n#EXT-X-ENDLIST\n`,
  )
  for (const using of [tools!, { ffmpeg: tools!.ffmpeg }]) {
    await t.rejects(read(playlist, using), { code: 'UNSUPPORTED_FORMAT' })
  }
  t.equal(calls, 0)
  const path = join(t.testdir({ 'list.m3u8': playlist }), 'list.m3u8')
  const careless = ['-v', 'error', '-protocol_whitelist', 'file,tcp,http', '-i', path, '-f', 'null', '-']
  await t.rejects(execute(tools!.ffmpeg, careless))
  t.ok(calls > 0, 'without the guards it is called')
})

t.test('noise and sound are no video', { skip }, async (t) => {
  await t.rejects(read(Buffer.alloc(5000, 7)), { code: 'BROKEN_FILE' })
  const sound = await makeVideo(t, 'f.mp4', [...SOUND, '-c:a', 'aac'])
  await t.rejects(read(sound), { code: 'UNSUPPORTED_FORMAT', message: /no moving picture/ })
})

t.test('without ffmpeg it says how to get one', async (t) => {
  const reading = readVideo(Buffer.alloc(9), {
    name: 'x',
    blobs: createMemoryBlobs(),
    signal,
    tools: undefined,
  })
  await t.rejects(reading, { code: 'UNSUPPORTED_FORMAT', message: /install ffmpeg.*MURMUR_FFMPEG/ })
})

t.test('each scene of a video is shown', { skip }, async (t) => {
  const colours = ['white:d=6', 'black:d=1', 'gray:d=1.5']
  const inputs = colours.flatMap((colour) => ['-f', 'lavfi', '-i', `color=${colour}:s=160x90:r=10`])
  const joined = ['-filter_complex', '[0][1][2]concat=n=3', '-g', '10']
  const { video } = await read(await makeVideo(t, 'h.mp4', [...inputs, ...joined, '-c:v', 'mpeg4']))
  const levels = video.keyFrames.map(({ image }) => Math.round(image.brightness / 100))
  t.strictSame(levels, [3, 3, 3, 3, 0, 1])
})

t.test('NTSC: the same rate with ffprobe and without', { skip }, async (t) => {
  const ntsc = ['-f', 'lavfi', '-i', 'testsrc=duration=0.6:size=64x48:rate=30000/1001']
  const bytes = await makeVideo(t, 'ntsc.mp4', [...ntsc, ...ENCODED])
  for (const using of [tools!, { ffmpeg: tools!.ffmpeg }])
    t.equal((await read(bytes, using)).video.fps, 29.97)
})

/** A test picture in a container, encoded by what every build of ffmpeg has. */
async function makeVideo(t: Test, file: string, args: readonly string[]): Promise<Buffer> {
  const path = join(t.testdir(), file)
  await execute(tools!.ffmpeg, ['-v', 'error', '-y', ...args, path])
  return readFile(path)
}
