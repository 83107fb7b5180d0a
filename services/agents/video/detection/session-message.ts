import type { Provider, TensorInfo, Tensors } from './onnx-session.ts'

/** What the thread of a session is started with. */
export interface SessionOrder {
  file: string
  /** The first that works is taken. */
  providers: readonly Provider[]
}

/** A provider that is not here, and why. */
export interface RefusedProvider {
  provider: Provider
  reason: string
}

/** A run that is asked for; `into` is shared memory. */
export interface SessionQuestion {
  inputs: Tensors
  into?: Tensors
}

/** What the thread says: once how it started, then an answer to each run, in their order. */
export type SessionAnswer =
  | {
      kind: 'ready'
      provider: Provider
      inputs: readonly TensorInfo[]
      outputs: readonly TensorInfo[]
      refused: readonly RefusedProvider[]
    }
  | { kind: 'unusable'; reason: string }
  /** Without outputs where they lie in shared memory. */
  | { kind: 'done'; outputs?: Tensors; runMs: number }
  | { kind: 'failed'; reason: string }
