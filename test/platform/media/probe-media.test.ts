import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { probeMedia } from '#platform/media/probe-media.ts'

const tools = await findFfmpeg()
const skip = tools ? false : 'there is no ffmpeg on this machine'
const limits = { signal: new AbortController().signal, maxStdoutBytes: 1024 * 1024 }

t.test('ffprobe and ffmpeg say the same, NTSC exactly', { skip }, async (t) => {
  const path = join(t.testdir(), 'ntsc.mp4')
  const source = 'testsrc=duration=1:size=64x48:rate=30000/1001'
  const make = ['-v', 'error', '-f', 'lavfi', '-i', source, '-c:v', 'mpeg4', path]
  await promisify(execFile)(tools!.ffmpeg, make)
  for (const using of [tools!, { ffmpeg: tools!.ffmpeg }]) {
    const { facts, isOpened, isTimedOut } = await probeMedia(using, ['-i', path], limits)
    t.ok(isOpened)
    t.notOk(isTimedOut)
    t.match(facts, {
      format: 'mp4',
      codec: 'mpeg4',
      width: 64,
      height: 48,
      frameRate: { numerator: 30_000, denominator: 1001 },
      hasConstantRate: true,
      hasAudio: false,
    })
    t.ok(Math.abs(facts!.durationSec! - 1) < 0.05)
  }
})

t.test('what is not there is not opened, and the reason is kept', { skip }, async (t) => {
  for (const using of [tools!, { ffmpeg: tools!.ffmpeg }]) {
    const probe = await probeMedia(using, ['-i', '/nowhere/x.mp4'], limits)
    t.match(probe, { facts: undefined, isOpened: false, stderr: /No such file/ })
  }
})

t.test('too slow: said, with what is known by then', { skip }, async (t) => {
  // The program waits for a writer of the pipe, and there is none.
  const pipe = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const probe = await probeMedia({ ffmpeg: tools!.ffmpeg }, ['-i', pipe], { ...limits, timeoutMs: 300 })
  t.match(probe, { facts: undefined, isOpened: false, isTimedOut: true })
})
