import t from 'tap'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import {
  createDecodingChoice,
  findDecoding,
  HARDWARE_METHODS,
  tryArguments,
  whyNot,
} from '../../../../../services/agents/video/capture/decode/hardware-decoding.ts'
import { findFfmpegProgram } from '../../../../../services/agents/video/capture/ffmpeg-program.ts'

t.test('what does not work here is decoded by the processor, with the reason of each', async (t) => {
  const ffmpeg = await findFfmpegProgram(() => findFfmpeg())
  t.strictSame(await findDecoding(ffmpeg, 'none'), { method: 'software' })
  const auto = await findDecoding(ffmpeg, 'auto')
  t.equal(await findDecoding(ffmpeg, 'auto'), auto, 'tried once')
  for (const method of HARDWARE_METHODS) {
    const found = await findDecoding(ffmpeg, method)
    // Where there is a device it is used; elsewhere nobody says that it is.
    if (found.method === 'software') t.match(found.reason, new RegExp(`^${method}: \\S`))
    else t.equal(found.method, method)
  }
  if (auto.method === 'software') t.match(auto.reason, /\S/)
})

t.test('no ffmpeg that runs: the processor, and why nothing else', async (t) => {
  const found = await findDecoding({ path: '/nowhere/ffmpeg', hasX264: false }, 'vaapi')
  t.match(found, { method: 'software', reason: /could not be tried/ })
})

t.test('a try decodes on the device and fetches the picture from there', async (t) => {
  const args = tryArguments('vaapi', true)
  t.match(args.join(' '), /-init_hw_device vaapi=tried .*-hwaccel_output_format vaapi .*hwdownload/)
  t.match(tryArguments('qsv', false).join(' '), /-init_hw_device qsv=tried .*lavfi/)
})

t.test('the reason is what is said first', async (t) => {
  t.equal(
    whyNot('[AVHWDeviceContext @ 0x5610] Cannot load libcuda.so.1\nDevice creation failed: -1.\n'),
    'Cannot load libcuda.so.1',
  )
  t.equal(whyNot(''), 'it gave no picture')
})

t.test(
  'a device that fails midway is given up for the source; a camera that is away is not its fault',
  async (t) => {
    const reasons: string[] = []
    const choice = createDecodingChoice({ method: 'vaapi' }, (reason) => reasons.push(reason))
    t.equal(choice.method, 'vaapi')
    t.notOk(choice.noFrame('Connection refused'))
    t.equal(choice.method, 'vaapi')
    t.ok(choice.noFrame('[h264 @ 0x1] Failed setup for format vaapi: hwaccel initialisation returned error.'))
    t.equal(choice.method, undefined)
    t.match(choice.told, { method: 'software', reason: /^vaapi failed: .*Failed setup/ })
    t.notOk(choice.noFrame('hwaccel'), 'told once')
    t.equal(reasons.length, 1)
  },
)
