import { Worker } from 'node:worker_threads'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { modelFault } from './model-fault.ts'
import type { ModelSession, Provider, SessionRun, Tensors } from './onnx-session.ts'
import type { RefusedProvider, SessionAnswer, SessionOrder, SessionQuestion } from './session-message.ts'

const THREAD = new URL('./session-thread.ts', import.meta.url)

/** A session with a thread of its own, and the providers that were tried before the one it has. */
export interface ThreadedSession extends ModelSession {
  readonly refused: readonly RefusedProvider[]
}

interface Waiting {
  into: Tensors | undefined
  resolve: (run: SessionRun) => void
  reject: (error: Error) => void
}

/**
 * Opens a model in a thread of its own on the first of the providers that works. Tensors in shared memory are not copied, and outputs can only be put there. When
 * the thread dies of itself, that is a fault of the whole process: there is nothing that could go on without it.
 * @throws MurmurError MODEL_UNUSABLE when none works
 */
export async function openThreadedSession(
  file: string,
  providers: readonly Provider[],
): Promise<ThreadedSession> {
  const worker = new Worker(THREAD, { workerData: { file, providers } satisfies SessionOrder })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const first = await firstAnswer(worker)
  if (first.kind === 'unusable') throw new MurmurError('MODEL_UNUSABLE', first.reason)
  if (first.kind !== 'ready') throw modelFault(file, `its thread began with "${first.kind}"`)
  // The thread answers in the order in which it was asked.
  const waiting: Waiting[] = []
  worker.on('message', (answer: SessionAnswer) => {
    const next = waiting.shift()
    if (answer.kind === 'done')
      next?.resolve({ outputs: next.into ?? answer.outputs ?? {}, runMs: answer.runMs })
    else if (answer.kind === 'failed') next?.reject(new Error(answer.reason))
  })
  let closing = false
  void ended.then(() => {
    closing = true
    for (const { reject } of waiting.splice(0)) reject(new Error('the session has ended'))
  })
  const { provider, inputs, outputs, refused } = first
  return {
    provider,
    inputs,
    outputs,
    refused,
    run(inputs, into) {
      if (closing) return Promise.reject(new Error('the session has ended'))
      return new Promise((resolve, reject) => {
        waiting.push({ into, resolve, reject })
        worker.postMessage({ inputs, ...(into && { into }) } satisfies SessionQuestion)
      })
    },
    async close() {
      // What is under way is finished first: the thread takes one message after the other.
      if (!closing) worker.postMessage(null)
      closing = true
      await ended
    },
  }
}

function firstAnswer(worker: Worker): Promise<SessionAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (answer: SessionAnswer) => {
      // From here on an error of the thread has nobody who listens, and so ends the process.
      worker.off('error', reject)
      resolve(answer)
    })
  })
}
