import t from 'tap'
import { randomFrames } from '../../../../../services/agents/video/scenes/dataset/write-dataset.ts'

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
