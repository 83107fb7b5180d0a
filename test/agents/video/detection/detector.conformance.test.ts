import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { ModelManifest } from '#schemas/detection.ts'
import type { Detector } from '../../../../services/agents/video/detection/detector.ts'
import { cellsOf } from '../../../../services/agents/video/detection/heads/yolox.ts'
import { createOnnxDetector } from '../../../../services/agents/video/detection/onnx-detector.ts'
import { openModel } from '../../../../services/agents/video/detection/onnx-session.ts'
import { type ConstantModel, writeConstantModel } from '../../../support/onnx-file.ts'
import { frame } from './detection-fixtures.ts'

const CLASSES = ['person', 'dog', 'car', 'truck']
const SIZE = 64
/** What every kind of network is made to say: left, top, right, bottom in pixels of 64 × 64, of which 64 × 32 are picture. */
interface Said {
  class: number
  score: number
  box: [number, number, number, number]
}

const KINDS: Record<ModelManifest['head'], (said: readonly Said[]) => ConstantModel['outputs']> = {
  'yolox-raw': (said) => [rows(said, rawRow)],
  'yolox-decoded': (said) => [rows(said, (box) => ({ at: undefined, values: centred(box) }))],
  detr: detrOutputs,
}

for (const head of Object.keys(KINDS) as ModelManifest['head'][]) {
  const open = (t: Test, said: readonly Said[]) => openDetector(t, head, said)

  t.test(`${head}: tells what it is`, async (t) => {
    const { info } = await open(t, [])
    t.match(info, { model: 'fixture', provider: 'cpu', classes: ['person', 'vehicle'], minScore: 0.35 })
    t.strictSame(info.inputs, [{ width: SIZE, height: SIZE }])
  })

  t.test(`${head}: classes, scores, and boxes in shares of the picture without its border`, async (t) => {
    const detector = await open(t, [
      { class: 0, score: 0.9, box: [8, 4, 16, 28] },
      { class: 2, score: 0.6, box: [32, 8, 56, 24] },
    ])
    const [seen] = await detector.detect([frame()])
    t.equal(seen!.length, 2)
    const [person, car] = seen!.toSorted((a, b) => b.score - a.score)
    t.match(person, { class: 'person', label: 'person' })
    t.match(car, { class: 'vehicle', label: 'car' })
    close(t, person!.score, 0.9)
    closeBox(t, person!.box, [8 / 64, 4 / 32, 16 / 64, 28 / 32])
    closeBox(t, car!.box, [32 / 64, 8 / 32, 56 / 64, 24 / 32])
  })

  t.test(
    `${head}: what is neither person nor vehicle, too uncertain, or in the border is not told`,
    async (t) => {
      const detector = await open(t, [
        { class: 1, score: 0.95, box: [8, 4, 16, 28] },
        { class: 0, score: 0.3, box: [32, 8, 40, 24] },
        { class: 0, score: 0.9, box: [4, 40, 12, 60] },
      ])
      t.strictSame(await detector.detect([frame()]), [[]])
      const [lower] = await detector.detect([frame({ minScore: 0.25 })])
      t.equal(lower!.length, 1, 'a monitor may ask for less certain ones')
    },
  )

  t.test(`${head}: a box that reaches over the edge is cut there`, async (t) => {
    const detector = await open(t, [{ class: 0, score: 0.9, box: [-8, -4, 16, 40] }])
    const [[person] = []] = await detector.detect([frame()])
    t.strictSame(person!.box.slice(0, 2), [0, 0])
    t.equal(person!.box[3], 1)
  })

  t.test(`${head}: an answer a frame, in their order, however many`, async (t) => {
    const detector = await open(t, [{ class: 0, score: 0.9, box: [8, 4, 16, 28] }])
    const answers = await Promise.all([1, 2, 3].map((seq) => detector.detect([frame({ seq })])))
    t.strictSame(
      answers.map((answer) => answer.map((seen) => seen.length)),
      [[1], [1], [1]],
    )
  })

  t.test(`${head}: another number of classes is refused with the shapes`, async (t) => {
    const file = writeConstantModel(t, { inputs: [input(SIZE)], outputs: KINDS[head]([]) })
    const session = await openModel(file, 'cpu')
    t.teardown(() => session.close())
    const manifest = { name: 'other', head, classes: [...CLASSES, 'cat'], scoreThreshold: 0.35 }
    const refusal = await createOnnxDetector(manifest, [session]).then(
      () => undefined,
      (error: Error & { code?: string }) => error,
    )
    t.equal(refusal?.code, 'MODEL_UNUSABLE')
    t.match(refusal?.message, /found .*\[1, .*expected .*\[N, /)
  })
}

t.test('overlapping vehicles are one whatever their label, persons beside each other stay two', async (t) => {
  const detector = await openDetector(t, 'yolox-decoded', [
    { class: 2, score: 0.8, box: [8, 8, 32, 24] },
    { class: 3, score: 0.7, box: [9, 8, 33, 24] },
    { class: 0, score: 0.6, box: [10, 8, 32, 24] },
    { class: 0, score: 0.9, box: [40, 8, 46, 24] },
    { class: 0, score: 0.8, box: [45, 8, 51, 24] },
  ])
  const [seen] = await detector.detect([frame()])
  t.strictSame(seen!.map(({ label }) => label).sort(), ['car', 'person', 'person', 'person'])
})

t.test('files that are no models are refused with the reason', async (t) => {
  const file = writeConstantModel(t, { inputs: [input(SIZE)], outputs: KINDS['yolox-raw']([]) })
  const whole = readFileSync(file)
  const cases: [string, Uint8Array, RegExp][] = [
    ['a text', Buffer.from('<!doctype html><title>Not found</title>'.repeat(4)), /it is a text .*doctype/],
    ['nothing', Buffer.alloc(0), /only 0 bytes/],
    ['half a model', whole.subarray(0, whole.length / 2), /onnxruntime \(cpu\) says/],
    ['noise', randomBytes(5000), /onnxruntime \(cpu\) says/],
  ]
  for (const [what, bytes, message] of cases) {
    writeFileSync(file, bytes)
    await t.rejects(openModel(file, 'cpu'), { code: 'MODEL_UNUSABLE', message }, what)
  }
  await t.rejects(openModel('/nowhere/model.onnx', 'cpu'), {
    code: 'MODEL_UNUSABLE',
    message: /can't be read/,
  })
})

t.test('a head that is not the one of the manifest is found out by what it answers', async (t) => {
  const of = (width: number) => {
    const output = rowsFor(SIZE, SIZE)
    for (let at = 0; at < output.data.length; at += 5 + CLASSES.length) output.data[at + 2] = width
    return writeConstantModel(t, { inputs: [input(SIZE)], outputs: [output] })
  }
  const open = async (head: ModelManifest['head'], width: number) => {
    const session = await openModel(of(width), 'cpu')
    t.teardown(() => session.close())
    return createOnnxDetector({ name: 'other', head, classes: CLASSES, scoreThreshold: 0.35 }, [session])
  }
  await t.rejects(open('yolox-raw', 48), { code: 'MODEL_UNUSABLE', message: /its head is yolox-decoded/ })
  await t.rejects(open('yolox-decoded', -1.5), { code: 'MODEL_UNUSABLE', message: /its head is yolox-raw/ })
  await open('yolox-raw', -1.5)
  await open('yolox-decoded', 48)
})

t.test('no class of interest, nothing to do', async (t) => {
  const file = writeConstantModel(t, { inputs: [input(SIZE)], outputs: KINDS['yolox-raw']([]) })
  const session = await openModel(file, 'cpu')
  t.teardown(() => session.close())
  const manifest = {
    name: 'zoo',
    head: 'yolox-raw' as const,
    classes: ['cat', 'dog', 'cow', 'hen'],
    scoreThreshold: 0.3,
  }
  await t.rejects(createOnnxDetector(manifest, [session]), {
    code: 'MODEL_UNUSABLE',
    message: /none of its classes/,
  })
})

async function openDetector(t: Test, head: ModelManifest['head'], said: readonly Said[]): Promise<Detector> {
  const file = writeConstantModel(t, { inputs: [input(SIZE)], outputs: KINDS[head](said) })
  const manifest = { name: 'fixture', head, classes: CLASSES, scoreThreshold: 0.35 }
  const detector = await createOnnxDetector(manifest, [
    await openModel(file, 'cpu'),
    await openModel(file, 'cpu'),
  ])
  t.teardown(() => detector.close())
  return detector
}

function input(size: number) {
  return { name: 'images', shape: [1, 3, size, size] }
}

type Placed = { at: number | undefined; values: [number, number, number, number] }

/** The rows of a YOLOX head: each thing said takes one, its place is free unless `place` says. */
function rows(said: readonly Said[], place: (box: Said['box']) => Placed) {
  const output = rowsFor(SIZE, SIZE)
  const row = 5 + CLASSES.length
  said.forEach(({ box, class: index, score }, i) => {
    const { at = i, values } = place(box)
    output.data.set([...values, 1], at * row)
    output.data[at * row + 5 + index] = score
  })
  return output
}

function rowsFor(width: number, height: number) {
  const shape = [1, cellsOf(width, height), 5 + CLASSES.length]
  return { name: 'output', shape, data: new Float32Array(shape.reduce((a, b) => a * b)) }
}

/** In the grid of stride 8, in the cell where the centre is: offsets in cells, logarithms of sizes. */
function rawRow(box: Said['box']): Placed {
  const [x, y, width, height] = centred(box)
  const column = Math.min(7, Math.max(0, Math.floor(x / 8)))
  const line = Math.min(7, Math.max(0, Math.floor(y / 8)))
  return {
    at: line * 8 + column,
    values: [x / 8 - column, y / 8 - line, Math.log(width / 8), Math.log(height / 8)],
  }
}

function centred([left, top, right, bottom]: Said['box']): [number, number, number, number] {
  return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
}

function detrOutputs(said: readonly Said[]) {
  const queries = 8
  const logits = new Float32Array(queries * CLASSES.length).fill(-20)
  const boxes = new Float32Array(queries * 4)
  said.forEach(({ box, class: index, score }, i) => {
    logits[i * CLASSES.length + index] = Math.log(score / (1 - score))
    boxes.set(
      centred(box).map((value) => value / SIZE),
      i * 4,
    )
  })
  return [
    { name: 'logits', shape: [1, queries, CLASSES.length], data: logits },
    { name: 'pred_boxes', shape: [1, queries, 4], data: boxes },
  ]
}

function close(t: Test, found: number, wanted: number): void {
  t.ok(Math.abs(found - wanted) < 1e-4, `${found} is about ${wanted}`)
}

function closeBox(t: Test, found: readonly number[], wanted: readonly number[]): void {
  for (const [i, value] of found.entries()) close(t, value, wanted[i]!)
}
