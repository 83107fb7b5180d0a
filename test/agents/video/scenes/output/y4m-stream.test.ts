import t from 'tap'
import {
  y4mFrame,
  y4mFrameBytes,
  y4mHeader,
} from '../../../../../services/agents/video/scenes/output/y4m-stream.ts'

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
