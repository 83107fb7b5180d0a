import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A tensor of a graph: a number is a fixed size, a name a free one. */
export interface TensorSpec {
  name: string
  shape: readonly (number | string)[]
}

export interface ConstantModel {
  inputs: readonly TensorSpec[]
  /** Each is answered as it is, whatever comes in. */
  outputs: readonly { name: string; shape: readonly number[]; data: Float32Array }[]
}

interface Node {
  operator: string
  inputs: readonly string[]
  output: string
  /** Attributes: a whole number, or several. */
  whole?: Readonly<Record<string, number | readonly number[]>>
}

interface Constant {
  name: string
  shape: readonly number[]
  data: Float32Array | BigInt64Array
}

interface Graph {
  inputs: readonly TensorSpec[]
  outputs: readonly TensorSpec[]
  constants: readonly Constant[]
  nodes: readonly Node[]
}

const FLOAT = 1
const INT64 = 7
const ATTRIBUTE_INT = 2
const ATTRIBUTE_INTS = 7
const OPSET = 17
const IR_VERSION = 8

/**
 * A real ONNX file whose outputs are constants: what the code around a network does with its answer can then be tested to the
 * digit. Written with as much of protobuf as that takes (onnx.proto of the ONNX project names the fields).
 */
export function writeConstantModel(t: Pick<Test, 'teardown'>, { inputs, outputs }: ConstantModel): string {
  return write(t, {
    inputs,
    outputs,
    constants: outputs.map(({ name, shape, data }) => ({ name: `${name}_value`, shape, data })),
    nodes: outputs.map(({ name }) => ({ operator: 'Identity', inputs: [`${name}_value`], output: name })),
  })
}

/**
 * A real network with YOLOX's raw head for pictures of any size and number, whose classes are person and car. It sees with the
 * cells of 32 × 32 pixels: objectness is how blue a cell is, person how green, car how red; the box is the cell.
 */
export function writeCellModel(t: Pick<Test, 'teardown'>): string {
  const row = 7
  const grids = [8, 16, 32].map((stride) => {
    const weights = new Float32Array(row * 3 * stride * stride)
    const channel = stride * stride
    // Of outputs 4, 5 and 6: the mean of blue, green and red, which are inputs 0, 1 and 2.
    if (stride === 32)
      for (const input of [0, 1, 2]) {
        const start = ((4 + input) * 3 + input) * channel
        weights.fill(1 / channel / 255, start, start + channel)
      }
    const constants: Constant[] = [
      { name: `weights_${stride}`, shape: [row, 3, stride, stride], data: weights },
      { name: `bias_${stride}`, shape: [row], data: Float32Array.of(0.5, 0.5, 0, 0, 0, 0, 0) },
    ]
    const nodes: Node[] = [
      {
        operator: 'Conv',
        inputs: ['images', `weights_${stride}`, `bias_${stride}`],
        output: `grid_${stride}`,
        whole: { kernel_shape: [stride, stride], strides: [stride, stride] },
      },
      { operator: 'Reshape', inputs: [`grid_${stride}`, 'flat'], output: `flat_${stride}` },
      {
        operator: 'Transpose',
        inputs: [`flat_${stride}`],
        output: `rows_${stride}`,
        whole: { perm: [0, 2, 1] },
      },
    ]
    return { constants, nodes }
  })
  return write(t, {
    inputs: [{ name: 'images', shape: ['N', 3, 'H', 'W'] }],
    outputs: [{ name: 'output', shape: ['N', 'A', row] }],
    constants: [
      { name: 'flat', shape: [3], data: BigInt64Array.of(0n, BigInt(row), -1n) },
      ...grids.flatMap((grid) => grid.constants),
    ],
    nodes: [
      ...grids.flatMap((grid) => grid.nodes),
      { operator: 'Concat', inputs: ['rows_8', 'rows_16', 'rows_32'], output: 'output', whole: { axis: 1 } },
    ],
  })
}

function write(t: Pick<Test, 'teardown'>, graph: Graph): string {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-onnx-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'model.onnx')
  writeFileSync(file, encodeModel(graph))
  return file
}

function encodeModel({ inputs, outputs, constants, nodes }: Graph): Buffer {
  const graph = message(
    ...nodes.map((one) => field(1, node(one))),
    field(2, text('test')),
    ...constants.map((constant) => field(5, tensor(constant))),
    ...inputs.map((input) => field(11, valueInfo(input))),
    ...outputs.map((output) => field(12, valueInfo(output))),
  )
  return message(number(1, IR_VERSION), field(7, graph), field(8, message(number(2, OPSET))))
}

function node({ operator, inputs, output, whole = {} }: Node): Buffer {
  return message(
    ...inputs.map((input) => field(1, text(input))),
    field(2, text(output)),
    field(4, text(operator)),
    ...Object.entries(whole).map(([name, value]) => field(5, attribute(name, value))),
  )
}

function attribute(name: string, value: number | readonly number[]): Buffer {
  return typeof value === 'number'
    ? message(field(1, text(name)), number(3, value), number(20, ATTRIBUTE_INT))
    : message(field(1, text(name)), ...value.map((one) => number(8, one)), number(20, ATTRIBUTE_INTS))
}

function tensor({ name, shape, data }: Constant): Buffer {
  return message(
    ...shape.map((size) => number(1, size)),
    number(2, data instanceof Float32Array ? FLOAT : INT64),
    field(8, text(name)),
    field(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  )
}

function valueInfo({ name, shape }: TensorSpec): Buffer {
  const dimensions = shape.map((size) =>
    field(1, typeof size === 'number' ? number(1, size) : field(2, text(size))),
  )
  const type = message(field(1, message(number(1, FLOAT), field(2, message(...dimensions)))))
  return message(field(1, text(name)), field(2, type))
}

function message(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts)
}

/** A length-delimited field. */
function field(id: number, content: Buffer): Buffer {
  return Buffer.concat([varint((id << 3) | 2), varint(content.length), content])
}

/** A varint field. */
function number(id: number, value: number): Buffer {
  return Buffer.concat([varint(id << 3), varint(value)])
}

function text(value: string): Buffer {
  return Buffer.from(value)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}
