import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { tools } from '../capture/clips.ts'

const execute = promisify(execFile)

/** Fragmented MP4 as capture has it from ffmpeg, from a stream with a key frame every second. */
export async function fragmentedVideo({
  seconds = 8,
  fps = 10,
  size = '320x180',
  keyEvery = fps,
}: {
  seconds?: number
  fps?: number
  size?: string
  keyEvery?: number
} = {}): Promise<Buffer> {
  const source = `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`
  const args = [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-c:v',
    'mpeg4',
    '-q:v',
    '8',
    '-g',
    String(keyEvery),
  ]
  const fragments = [
    '-f',
    'mp4',
    '-movflags',
    'empty_moov+default_base_moof+frag_keyframe',
    '-frag_duration',
    '1000000',
  ]
  const { stdout } = await execute(tools!.ffmpeg, [...args, ...fragments, 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout
}

/** Times of the frames that a player shows of a file, in seconds; rejects when ffmpeg finds a fault in it. */
export async function frameTimes(t: Pick<Test, 'teardown'>, file: Uint8Array): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'murmur-clip-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'clip.mp4')
  await writeFile(path, file)
  const { stdout, stderr } = await execute(tools!.ffmpeg, [
    ...['-v', 'error', '-xerror', '-i', path, '-map', '0:v:0', '-f', 'framecrc', '-'],
  ])
  if (stderr !== '') throw new Error(stderr)
  const base = /^#tb 0: (\d+)\/(\d+)$/m.exec(stdout)
  const unit = Number(base?.[1]) / Number(base?.[2])
  return stdout
    .split('\n')
    .filter((line) => /^0,/.test(line))
    .map((line) => Number(line.split(',')[2]) * unit)
}
