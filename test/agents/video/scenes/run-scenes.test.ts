import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { z } from 'zod'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { watchRulesSchema } from '#schemas/monitor-request.ts'
import { sceneTruthSchema } from '#schemas/scene-truth.ts'
import { y4mFrameBytes, y4mHeader } from '../../../../services/agents/video/scenes/output/y4m-stream.ts'
import { ROOT } from '../../../support/source-files.ts'

const MAIN = join(ROOT, 'services/agents/video/scenes/main.ts')
const run = promisify(execFile)
const ffprobe = (await findFfmpeg())?.ffprobe
const skip = ffprobe ? false : 'there is no ffmpeg with ffprobe on this machine'
const scenes = (...args: string[]) =>
  run(process.execPath, [MAIN, ...args], { encoding: 'buffer', maxBuffer: 64 << 20 })

t.test('pipe writes a header and whole frames, and the truth beside', async (t) => {
  const truthFile = join(t.testdir({}), 'truth.json')
  const args = ['crowd', '--width', '96', '--height', '64', '--seconds', '1', '--fps', '8']
  const { stdout } = await scenes('pipe', ...args, '--truth', truthFile)
  const header = y4mHeader({ width: 96, height: 64, fps: 8 })
  t.equal(stdout.subarray(0, header.length).toString(), header)
  t.equal(stdout.length, header.length + 8 * y4mFrameBytes(96, 64))
  for (let k = 0; k < 8; k++) {
    const at = header.length + k * y4mFrameBytes(96, 64)
    t.equal(stdout.subarray(at, at + 6).toString(), 'FRAME\n')
  }
  const truth = sceneTruthSchema.parse(JSON.parse(await readFile(truthFile, 'utf8')))
  t.equal(truth.frames.length, 8)
  t.equal(truth.durationMs, 1000)
})

t.test('a looping pipe goes on until its reader has seen enough', async (t) => {
  const args = [MAIN, 'pipe', 'street', '--loop', '--width', '64', '--height', '64', '--seconds', '0.2']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const wanted = 12 * y4mFrameBytes(64, 64)
  let bytes = 0
  for await (const part of child.stdout) {
    bytes += (part as Buffer).length
    if (bytes > wanted) break
  }
  t.ok(bytes > wanted, 'more than the two frames of one round')
  const [code] = await once(child, 'close')
  t.equal(code, 0, 'a closed pipe is no fault')
})

t.test('render writes a clip with all its frames', { skip }, async (t) => {
  const folder = t.testdir({})
  const [clip, truthFile] = [join(folder, 'clip.mp4'), join(folder, 'truth.json')]
  await scenes(
    'render',
    'intruder',
    '--seconds',
    '3',
    '--width',
    '192',
    '--height',
    '108',
    '--out',
    clip,
    '--truth',
    truthFile,
  )
  const probe = [
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v',
    '-show_entries',
    'stream=nb_read_frames,width,height,r_frame_rate',
    '-of',
    'json',
    clip,
  ]
  const { stdout } = await run(ffprobe!, probe)
  const [stream] = z
    .object({ streams: z.array(z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(stdout)).streams
  t.match(stream, { nb_read_frames: '30', width: 192, height: 108, r_frame_rate: '10/1' })
  t.equal(sceneTruthSchema.parse(JSON.parse(await readFile(truthFile, 'utf8'))).frames.length, 30)
})

t.test('rules are what a monitor takes as its --rules file', async (t) => {
  const { stdout } = await scenes('rules', 'yard')
  const watch = watchRulesSchema.parse(JSON.parse(stdout.toString()))
  t.strictSame(watch.rules.map(({ kind }) => kind).toSorted(), [
    'crowd',
    'intrusion',
    'line-crossing',
    'loitering',
  ])
})

t.test('arguments that are wrong are told with what would be right', async (t) => {
  const cases: [string[], RegExp][] = [
    [['pipe', 'nowhere'], /there is no scenario "nowhere": street, crowd/],
    [['fly'], /there is no command "fly"/],
    [['pipe', 'street', '--width', '65'], /--width must be even/],
    [['pipe', 'street', '--fps', 'fast'], /--fps must be a number from/],
    [['dataset', '--count', '3'], /--out must be given/],
    [['list', '--colour'], /Unknown option '--colour'/],
  ]
  for (const [args, expected] of cases) {
    const error = await scenes(...args).then(
      () => undefined,
      (failed: { code: number; stderr: Buffer }) => failed,
    )
    t.equal(error?.code, 2, args.join(' '))
    t.match(error?.stderr.toString(), expected)
  }
})

t.test('a data set has what its description says', async (t) => {
  const folder = join(t.testdir({}), 'set')
  await scenes('dataset', '--count', '5', '--seed', '7', '--width', '128', '--height', '96', '--out', folder)
  t.strictSame(JSON.parse(await readFile(join(folder, 'info.json'), 'utf8')), {
    count: 5,
    seed: 7,
    width: 128,
    height: 96,
  })
  t.equal((await stat(join(folder, 'frames.rgb'))).size, 5 * 128 * 96 * 3)
  const lines = (await readFile(join(folder, 'boxes.jsonl'), 'utf8')).trimEnd().split('\n')
  t.equal(lines.length, 5)
})
