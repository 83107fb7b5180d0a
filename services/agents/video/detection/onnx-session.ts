import { readFile } from 'node:fs/promises'
import ort from 'onnxruntime-node'
import { systemClock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { modelFault } from './model-fault.ts'

export const PROVIDERS = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const
/** Fastest first. */
export type Provider = (typeof PROVIDERS)[number]

/** Numbers with their shape, outermost dimension first. */
export interface Tensor {
  data: Float32Array
  dims: readonly number[]
}

/** A named input or output; a dimension that may vary is given by its name. */
export interface TensorInfo {
  name: string
  type: string
  shape: readonly (number | string)[]
}

/** A network that is ready to run: all that is seen of the runtime. */
export interface ModelSession {
  readonly provider: Provider
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  /**
   * The caller must leave the tensors alone until it is done. Several calls are worked on one after the other, in their order.
   * @param into where the outputs are put; new tensors are made where it is left out
   */
  run(inputs: Tensors, into?: Tensors): Promise<SessionRun>
  close(): Promise<void>
}

export type Tensors = Readonly<Record<string, Tensor>>

export interface SessionRun {
  outputs: Tensors
  /** Time of the network alone, without waiting. Milliseconds. */
  runMs: number
}

/** One thread a session, none of them spinning: several sessions side by side do more than one with several threads. */
const THREADS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
} as const
/** A text file is larger than nothing and smaller than any network that sees something. */
const SMALLEST_MODEL_BYTES = 64
const PRINTABLE = /^[\t\r\n\x20-\x7e]+$/
// That a provider is not there is no error but a fact, which is told in our own words.
ort.env.logLevel = 'fatal'

/**
 * Reads a model and makes it ready on one of the providers. The session keeps the calling thread busy while it runs, as
 * onnxruntime's binding for Node does: services open theirs in threads of their own (`openSessions`).
 * @throws MurmurError MODEL_UNUSABLE when the file is no model, or the provider is not there
 */
export async function openModel(file: string, provider: Provider): Promise<ModelSession> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw modelFault(file, `it can't be read: ${messageOf(cause)}`, cause)
  })
  if (bytes.length < SMALLEST_MODEL_BYTES)
    throw modelFault(file, `it has only ${bytes.length} bytes; fetch it again`)
  const start = bytes.toString('latin1', 0, SMALLEST_MODEL_BYTES)
  // A page that was saved instead of the file behind it, or a pointer of git LFS.
  if (PRINTABLE.test(start)) throw modelFault(file, `it is a text (${JSON.stringify(start)}), no ONNX file`)
  const session = await ort.InferenceSession.create(bytes, {
    ...THREADS,
    executionProviders: [provider],
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw modelFault(file, `onnxruntime (${provider}) says: ${firstLine(messageOf(cause))}`, cause)
  })
  let last: Promise<unknown> = Promise.resolve()
  return {
    provider,
    inputs: session.inputMetadata.map(infoOf),
    outputs: session.outputMetadata.map(infoOf),
    async run(inputs, into) {
      const feeds = nativeTensors(inputs)
      const fetches = into && nativeTensors(into)
      // Calls wait for each other in the runtime: what is measured begins when this one's turn comes.
      const turn = last.then(async () => {
        const startedMs = systemClock.monotonicMs()
        const results = await (fetches ? session.run(feeds, fetches) : session.run(feeds))
        return { results, runMs: systemClock.monotonicMs() - startedMs }
      })
      last = turn.catch(() => undefined)
      const { results, runMs } = await turn
      return { outputs: into ?? plainTensors(results), runMs }
    },
    async close() {
      await last
      await session.release()
    },
  }
}

function nativeTensors(tensors: Tensors): Record<string, ort.Tensor> {
  const native: Record<string, ort.Tensor> = {}
  for (const [name, { data, dims }] of Object.entries(tensors))
    native[name] = new ort.Tensor('float32', data, dims)
  return native
}

function plainTensors(results: ort.InferenceSession.ReturnType): Tensors {
  const plain: Record<string, Tensor> = {}
  for (const [name, { data, dims }] of Object.entries(results))
    plain[name] = { data: data as Float32Array, dims }
  return plain
}

function infoOf(value: ort.InferenceSession.ValueMetadata): TensorInfo {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'no tensor', shape: [] }
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.slice(0, 300)
}
