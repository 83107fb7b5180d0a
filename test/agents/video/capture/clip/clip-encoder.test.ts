import t from 'tap'
import { clipArguments } from '../../../../../services/agents/video/capture/clip/clip-encoder.ts'

t.test('clips: the encoder that is there, the exact rate', async (t) => {
  const format = { width: 960, height: 540, rate: { numerator: 10, denominator: 1 } }
  t.match(
    clipArguments(format, true, '/x.mp4').join(' '),
    /-s 960x540 -r 10 .*libx264.*-movflags \+faststart/,
  )
  t.match(clipArguments(format, false, '/x.mp4').join(' '), /-c:v mpeg4 -q:v 4/)
  const ntsc = { ...format, rate: { numerator: 30_000, denominator: 1001 } }
  t.match(clipArguments(ntsc, true, '/x.mp4').join(' '), /-r 30000\/1001 /)
})
