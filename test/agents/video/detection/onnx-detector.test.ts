import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { ModelManifest } from '#schemas/detection.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import { cellsOf } from '../../../../services/agents/video/detection/heads/yolox.ts'
import { createOnnxDetector } from '../../../../services/agents/video/detection/onnx-detector.ts'
import { openModel } from '../../../../services/agents/video/detection/onnx-session.ts'
import { openSessions } from '../../../../services/agents/video/detection/open-sessions.ts'
import type { Frame } from '../../../../services/agents/video/frames/frame-message.ts'
import { fromFile } from '../../../../services/agents/video/models/resolve-model.ts'
import { writeCellModel, writeConstantModel } from '../../../support/onnx-file.ts'
import { frame } from './detection-fixtures.ts'

/** What an agent's frames are made of: green, blue, red. */
const GREEN = 0
const BLUE = 1
const RED = 2
const CELL = 32
const MANIFEST: ModelManifest = {
  name: 'cells',
  head: 'yolox-raw',
  classes: ['person', 'car'],
  scoreThreshold: 0.5,
}
const log = { info: () => undefined, debug: () => undefined }

const sizes = [
  { width: 416, height: 416 },
  { width: 416, height: 320 },
  { width: 416, height: 256 },
  { width: 416, height: 192 },
  { width: 320, height: 416 },
  { width: 256, height: 416 },
]
const pictures = fc.constantFrom(...sizes).chain((size) =>
  fc.array(
    fc.record({
      size: fc.constant(size),
      column: fc.nat(size.width / CELL - 1),
      row: fc.nat(size.height / CELL - 1),
      class: fc.constantFrom('person' as const, 'vehicle' as const),
    }),
    { minLength: 1, maxLength: 4 },
  ),
)

t.test(
  'any size and number: each picture of a batch has its own answer, colours where they belong',
  async (t) => {
    const detector = await openCells(t, 1)
    t.strictSame(detector.info.inputs, sizes)
    t.equal(detector.batch, 2)
    await fc.assert(
      fc.asyncProperty(pictures, async (wanted) => {
        const answers = await detector.detect(
          wanted.map((one) => cell(one.size, one.column, one.row, one.class === 'person' ? GREEN : RED)),
        )
        return answers.every((seen, i) => {
          const { column, row, size } = wanted[i]!
          const [only] = seen
          const box = [column, row, column + 1, row + 1].map(
            (value, side) => (value * CELL) / (side % 2 === 0 ? size.width : size.height),
          )
          return (
            seen.length === 1 &&
            only!.class === wanted[i]!.class &&
            only!.box.every((value, side) => Math.abs(value - box[side]!) < 1e-6)
          )
        })
      }),
      { numRuns: 40 },
    )
  },
)

t.test('several sessions and calls at once: no call gets the answer of another', async (t) => {
  const detector = await openCells(t, 2)
  t.equal(detector.parallel, 2)
  const columns = Array.from({ length: 24 }, (_, i) => i % 13)
  const runs: number[] = []
  const answers = await Promise.all(
    columns.map((column) =>
      detector.detect([cell(sizes[2]!, column, 3, GREEN)], (runMs) => runs.push(runMs)),
    ),
  )
  t.strictSame(
    answers.map(([seen]) => Math.round(seen![0]!.box[0] * 13)),
    columns,
  )
  t.equal(runs.length, columns.length, 'and each is told how long it took')
})

t.test('the network does not keep the event loop busy', async (t) => {
  const [session] = await openSessions(writeCellModel(t), { provider: 'cpu', sessions: 1, log })
  t.teardown(() => session.close())
  const dims = [16, 3, 416, 416]
  const data = new Float32Array(new SharedArrayBuffer(4 * dims.reduce((a, b) => a * b)))
  let done = false
  let turns = 0
  const run = session.run({ images: { data, dims } }).finally(() => {
    done = true
  })
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    turns++
  }
  const { outputs } = await run
  t.strictSame(outputs.output!.dims, [16, cellsOf(416, 416), 7])
  t.ok(turns > 20, `${turns} turns of the loop while it ran`)
})

t.test('a run that fails fails alone; closing finishes what is under way', async (t) => {
  const [session] = await openSessions(writeCellModel(t), { provider: 'cpu', sessions: 1, log })
  const run = (dims: number[]) =>
    session.run({ images: { data: new Float32Array(dims.reduce((a, b) => a * b)), dims } })
  const [wrong, right] = await Promise.allSettled([run([1, 4, 64, 64]), run([1, 3, 64, 64])])
  t.match(wrong, { status: 'rejected', reason: { message: /dimension|shape|input/i } })
  t.equal(right.status, 'fulfilled')
  const last = run([2, 3, 64, 64])
  await session.close()
  t.strictSame((await last).outputs.output!.dims, [2, cellsOf(64, 64), 7])
  await t.rejects(run([1, 3, 64, 64]), /has ended/)
  await session.close()
})

t.test('the first provider that works is taken, and said; one that is named must be there', async (t) => {
  const file = writeCellModel(t)
  const lines: object[] = []
  const listening = { info: (fields: object) => lines.push(fields), debug: () => undefined }
  const [first, ...others] = await openSessions(file, { provider: 'auto', sessions: 2, log: listening })
  t.teardown(() => Promise.all([first, ...others].map((session) => session.close())))
  t.match(lines, [{ provider: first.provider }])
  if (first.provider !== 'cpu') return t.comment(`this machine has ${first.provider}`)
  t.equal(others.length, 1)
  t.match(lines, [{ notHere: ['tensorrt', 'cuda'] }])
  await t.rejects(openSessions(file, { provider: 'cuda', sessions: 1, log }), {
    code: 'MODEL_UNUSABLE',
    message: /onnxruntime \(cuda\) says/,
  })
})

t.test('an open number that is not true: pictures go one by one', async (t) => {
  const row = 5 + MANIFEST.classes.length
  const shape = [1, cellsOf(416, 416), row]
  const file = writeConstantModel(t, {
    inputs: [{ name: 'images', shape: ['N', 3, 'H', 'W'] }],
    outputs: [{ name: 'output', shape, data: new Float32Array(shape.reduce((a, b) => a * b)) }],
  })
  const session = await openModel(file, 'cpu')
  t.teardown(() => session.close())
  const detector = await createOnnxDetector(MANIFEST, [session])
  t.equal(detector.batch, 1)
  t.strictSame(detector.info.inputs, [{ width: 416, height: 416 }], 'nor are the other sizes')
})

const root = join(import.meta.dirname, '../../../..')
const models = join(process.env.MURMUR_ASSETS ?? join(root, '../shared/assets'), 'models')
for (const [file, inputs, batch] of [
  [join(root, 'services/agents/video/detection/starter/starter.onnx'), sizes, 2],
  [join(models, 'yolox_nano.onnx'), sizes.slice(0, 1), 1],
  [join(models, 'yolox_nano_dynamic.onnx'), sizes, 2],
] as const) {
  t.test(
    `fits: ${file.split('/').at(-1)}`,
    { skip: existsSync(file) ? false : 'it is not here' },
    async (t) => {
      const model = await fromFile(file)
      const detector = await createOnnxDetector(model.manifest, [await openModel(file, 'cpu')])
      t.teardown(() => detector.close())
      t.strictSame(detector.info.inputs, inputs)
      t.equal(detector.batch, batch)
      t.strictSame(detector.info.classes.toSorted(), ['person', 'vehicle'])
      const nothing = frame({ ...inputs[0]!, contentWidth: 416, contentHeight: 416 })
      t.strictSame(await detector.detect([nothing]), [[]], 'in the dark there is nobody')
      const wrong = { ...model.manifest, head: 'yolox-decoded' as const }
      const session = await openModel(file, 'cpu')
      t.teardown(() => session.close())
      await t.rejects(createOnnxDetector(wrong, [session]), { message: /its head is yolox-raw/ })
    },
  )
}

async function openCells(t: Test, sessions: number) {
  const opened = await openSessions(writeCellModel(t), { provider: 'cpu', sessions, log })
  const detector = await createOnnxDetector(MANIFEST, opened)
  t.teardown(() => detector.close())
  return detector
}

/** A picture with one cell of blue and another colour. */
function cell(size: { width: number; height: number }, column: number, row: number, colour: number): Frame {
  const about: Partial<FrameHeader> = { ...size, contentWidth: size.width, contentHeight: size.height }
  const picture = frame(about)
  for (const plane of [BLUE, colour])
    for (let y = row * CELL; y < (row + 1) * CELL; y++) {
      const start = (plane * size.height + y) * size.width + column * CELL
      picture.planes.fill(255, start, start + CELL)
    }
  return picture
}
