import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { PRINT_TIMES } from '../../../../services/agents/video/capture/decode/frame-times.ts'
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

/** Times of the frames that are decoded of a file, in seconds; rejects when ffmpeg finds a fault in it. */
export async function frameTimes(t: Pick<Test, 'teardown'>, file: Uint8Array): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'murmur-clip-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'clip.mp4')
  await writeFile(path, file)
  // Told by a filter, and then a second apart: of frames that are very close outputs leave some out.
  const filters = `${PRINT_TIMES},setpts=N/TB`
  const { stdout, stderr } = await execute(tools!.ffmpeg, [
    ...['-v', 'error', '-xerror', '-i', path, '-map', '0:v:0', '-vf', filters, '-f', 'null', '-'],
  ])
  if (stderr !== '') throw new Error(stderr)
  return [...stdout.matchAll(/^frame:\d+\s.*pts_time:(\S+)/gm)].map(([, seconds]) => Number(seconds))
}
