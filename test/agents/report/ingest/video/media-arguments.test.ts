import t from 'tap'
import {
  describeArguments,
  frameArguments,
  probeArguments,
  sceneArguments,
} from '../../../../../services/agents/report/ingest/video/media-arguments.ts'

const PATH = '/tmp/x/source'
const all = {
  probe: probeArguments(PATH),
  describe: describeArguments(PATH),
  frame: frameArguments(PATH, 1.23456),
  scenes: sceneArguments(PATH, { frames: 120, durationSec: 60 }),
}
const optionOf = (args: readonly string[], name: string) => args[args.indexOf(name) + 1]

t.test('every call is guarded before it opens its input', async (t) => {
  for (const [name, args] of Object.entries(all)) {
    t.equal(optionOf(args, '-protocol_whitelist'), 'file,pipe', name)
    t.equal(optionOf(args, '-max_pixels'), '50000000', name)
    t.notMatch(optionOf(args, '-format_whitelist'), /hls|concat|sdp|rtsp/, name)
    t.ok(
      args.indexOf('-format_whitelist') < args.indexOf(PATH),
      `${name}: options of the input stand before it`,
    )
    t.equal(args.filter((arg) => arg === PATH).length, 1, name)
  }
})

t.test('one frame at its time, without metadata and sound', async (t) => {
  t.equal(optionOf(all.frame, '-ss'), '1.235')
  t.ok(all.frame.indexOf('-ss') < all.frame.indexOf('-i'), 'seeks before decoding')
  t.equal(optionOf(all.frame, '-map_metadata'), '-1')
  t.ok(all.frame.includes('-an'))
  t.match(optionOf(all.frame, '-vf'), /min\(1280,iw\)/)
  t.equal(all.frame.at(-1), 'pipe:1')
})

t.test('scenes: so many grey frames at even distances, of key frames only', async (t) => {
  t.match(optionOf(all.scenes, '-vf'), /^fps=2\.000000,scale=16:9,format=gray$/)
  t.equal(optionOf(all.scenes, '-frames:v'), '120')
  t.equal(optionOf(all.scenes, '-skip_frame'), 'nokey')
})
