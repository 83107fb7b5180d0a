import t from 'tap'
import {
  frameArguments,
  inputArguments,
  sceneArguments,
} from '../../../../../services/agents/report/ingest/video/media-arguments.ts'

t.test('every run reads self-contained formats from the file alone', async (t) => {
  const runs = [
    inputArguments('/x/source'),
    frameArguments('/x/source', 1),
    sceneArguments('/x/source', { frames: 4, durationSec: 2 }),
  ]
  for (const args of runs) {
    t.match(
      args.join(' '),
      /-protocol_whitelist file,pipe -format_whitelist \S+ -max_pixels 50000000 -i \/x\/source/,
    )
    const formats = args[args.indexOf('-format_whitelist') + 1]!.split(',')
    for (const opener of ['hls', 'concat', 'sdp', 'applehttp']) t.notOk(formats.includes(opener), opener)
  }
})

t.test('a frame: sought before the file is opened, one picture, never enlarged', async (t) => {
  const line = frameArguments('/x', 1.23456).join(' ')
  t.match(line, /-ss 1\.235 .*-i \/x .*-frames:v 1 -vf scale=w='min\(1280,iw\)':h='min\(1280,ih\)'/)
  t.match(line, /-c:v png -f image2pipe pipe:1$/)
})

t.test('scenes: so many small grey frames over the length, from key frames', async (t) => {
  const line = sceneArguments('/x', { frames: 120, durationSec: 7200 }).join(' ')
  t.match(line, /-skip_frame nokey .*-i \/x .*-frames:v 120 -vf fps=0\.016667,scale=16:9,format=gray/)
})
