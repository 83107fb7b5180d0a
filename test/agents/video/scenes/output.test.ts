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
import { randomFrames } from '../../../../services/agents/video/scenes/dataset/write-dataset.ts'
import {
  y4mFrame,
  y4mFrameBytes,
  y4mHeader,
} from '../../../../services/agents/video/scenes/output/y4m-stream.ts'
import { ROOT } from '../../../support/source-files.ts'

const MAIN = join(ROOT, 'services/agents/video/scenes/main.ts')
const run = promisify(execFile)
const ffprobe = (await findFfmpeg())?.ffprobe
const skip = ffprobe ? false : 'there is no ffmpeg with ffprobe on this machine'
const scenes = (...args: string[]) =>
  run(process.execPath, [MAIN, ...args], { encoding: 'buffer', maxBuffer: 64 << 20 })

t.test('the header of a stream says its size and rate', async (t) => {
  t.equal(y4mHeader({ width: 64, height: 32, fps: 10 }), 'YUV4MPEG2 W64 H32 F10:1 Ip A1:1 C420jpeg\n')
  t.match(y4mHeader({ width: 64, height: 32, fps: 12.5 }), 'F12500:1000')
  t.throws(() => y4mHeader({ width: 65, height: 32, fps: 10 }), RangeError)
})

t.test('colours are stored as video stores them', async (t) => {
  const colours = { white: [235, 128, 128], black: [16, 128, 128], red: [82, 90, 240] } as const
  const pixels = { white: [255, 255, 255], black: [0, 0, 0], red: [255, 0, 0] } as const
  for (const name of ['white', 'black', 'red'] as const) {
    const frame = y4mFrame(Uint8Array.from(Array(4).fill(pixels[name]).flat()), 2, 2)
    t.equal(frame.length, y4mFrameBytes(2, 2))
    t.equal(frame.subarray(0, 6).toString(), 'FRAME\n')
    const [luma, blue, red] = [frame[6]!, frame[10]!, frame[11]!]
    for (const [k, value] of [luma, blue, red].entries())
      t.ok(Math.abs(value - colours[name][k]!) <= 1, `${name}: ${luma} ${blue} ${red}`)
  }
})

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

t.test(
  'random frames: the same for a seed, boxes within the picture, both classes, some empty',
  async (t) => {
    const options = { count: 60, seed: 21, width: 128, height: 96 }
    const first = [...randomFrames(options)].map(({ boxes }) => boxes)
    t.strictSame(
      [...randomFrames(options)].map(({ boxes }) => boxes),
      first,
    )
    const [pixels, again] = [1, 2].map(() => randomFrames({ ...options, count: 1 }).next().value!.pixels)
    t.ok(Buffer.from(again!).equals(pixels!))
    const boxes = first.flat()
    for (const [index, x1, y1, x2, y2, visibility] of boxes) {
      if (index !== 0 && index !== 1) t.fail(`class ${index}`)
      if (!(x1 >= 0 && y1 >= 0 && x1 < x2 && y1 < y2 && x2 <= 128 && y2 <= 96))
        t.fail(`${x1} ${y1} ${x2} ${y2}`)
      if (!(visibility > 0 && visibility <= 1)) t.fail(`visibility ${visibility}`)
    }
    t.ok(boxes.some(([index]) => index === 0) && boxes.some(([index]) => index === 1))
    t.ok(first.some((frame) => frame.length === 0))
    t.ok(
      boxes.some(([, , , , , visibility]) => visibility < 0.8),
      'some are partly hidden',
    )
  },
)
