import type { Frame } from '../frames/frame-message.ts'
import type { Head } from './heads/head.ts'
import type { ModelSession, SessionRun, Tensor } from './onnx-session.ts'

export interface Size {
  width: number
  height: number
}

/** What a call reads before its tensors are used again. */
export type ReadRun<Result> = (run: SessionRun) => Result

/** The tensors of one call, in memory that they share with the session's thread. They grow to what the largest call took. */
interface Slot {
  input: Float32Array
  outputs: Map<string, Float32Array>
}

/** Grey, which captures fill borders with. */
const GREY = 114

/**
 * One session and the tensors that go in and out of it. While it runs, the next pictures are already copied: each call takes
 * a slot of its own and gives it back, so there are as many as calls were ever open at a time. Nothing is allocated for a
 * frame: a megabyte or two each would cost more in garbage collection than the copying itself.
 */
export class SessionLane {
  readonly #session: ModelSession
  readonly #input: string
  readonly #head: Head
  readonly #slots: Slot[] = []
  /** What the session answered with, by the shape of what it was asked. */
  readonly #answers = new Map<string, [name: string, dims: readonly number[]][]>()
  #open = 0

  constructor(session: ModelSession, input: string, head: Head) {
    this.#session = session
    this.#input = input
    this.#head = head
  }

  /** Calls that are not done yet. */
  get open(): number {
    return this.#open
  }

  /** Frames of one size. */
  run<Result>(frames: readonly Frame[], read: ReadRun<Result>): Promise<Result> {
    return this.#run(frames.length, frames[0]!.header, (pixels) => this.#fill(pixels, frames), read)
  }

  /** Looks at grey pictures, which are as much work as any other. */
  runGrey<Result>(count: number, size: Size, read: ReadRun<Result>): Promise<Result> {
    return this.#run(count, size, (pixels) => pixels.fill(GREY * this.#head.scale), read)
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #run<Result>(
    count: number,
    { width, height }: Size,
    fill: (pixels: Float32Array) => void,
    read: ReadRun<Result>,
  ): Promise<Result> {
    const dims = [count, 3, height, width]
    const slot = this.#slots.pop() ?? { input: new Float32Array(0), outputs: new Map() }
    this.#open++
    try {
      slot.input = withRoom(slot.input, sizeOf(dims))
      const data = slot.input.subarray(0, sizeOf(dims))
      fill(data)
      const known = this.#answers.get(dims.join())
      const run = await this.#session.run({ [this.#input]: { data, dims } }, known && outputsOf(slot, known))
      if (!known) this.#remember(dims, run)
      return read(run)
    } finally {
      this.#open--
      this.#slots.push(slot)
    }
  }

  #remember(dims: readonly number[], { outputs }: SessionRun): void {
    const answer = Object.entries(outputs)
    // What is no number can't be put anywhere; no head reads it.
    if (answer.some(([, { data }]) => !(data instanceof Float32Array))) return
    this.#answers.set(
      dims.join(),
      answer.map(([name, output]) => [name, output.dims]),
    )
  }

  /** Planes are copied as they are, bytes becoming floats, and the border below comes to them: no loop of our own over pixels, unless they have to be scaled. */
  #fill(pixels: Float32Array, frames: readonly Frame[]): void {
    const { planeOrder, scale } = this.#head
    const plane = pixels.length / frames.length / 3
    frames.forEach(({ planes }, i) => {
      const content = planes.length / 3
      planeOrder.forEach((from, to) => {
        const at = (i * 3 + to) * plane
        pixels.set(planes.subarray(from * content, (from + 1) * content), at)
        pixels.fill(GREY, at + content, at + plane)
      })
    })
    if (scale !== 1) for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! * scale
  }
}

function outputsOf(
  slot: Slot,
  answer: readonly [name: string, dims: readonly number[]][],
): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {}
  for (const [name, dims] of answer) {
    const data = withRoom(slot.outputs.get(name), sizeOf(dims))
    slot.outputs.set(name, data)
    outputs[name] = { data: data.subarray(0, sizeOf(dims)), dims }
  }
  return outputs
}

function withRoom(data: Float32Array | undefined, size: number): Float32Array {
  if (data && data.length >= size) return data
  return new Float32Array(new SharedArrayBuffer(size * Float32Array.BYTES_PER_ELEMENT))
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1)
}
