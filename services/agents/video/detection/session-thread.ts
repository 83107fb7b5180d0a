import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { type ModelSession, openModel } from './onnx-session.ts'
import type { RefusedProvider, SessionAnswer, SessionOrder, SessionQuestion } from './session-message.ts'

/**
 * Thread that runs one session: onnxruntime's `run` keeps the thread that calls it busy until it is done, so without threads
 * of our own several sessions would take turns, and nothing could be fetched or copied meanwhile. `null` ends it.
 */

async function serve(port: MessagePort, { file, providers }: SessionOrder): Promise<void> {
  const answer = (message: SessionAnswer) => port.postMessage(message, buffersOf(message))
  const refused: RefusedProvider[] = []
  let session: ModelSession | undefined
  for (const provider of providers) {
    try {
      session = await openModel(file, provider)
      break
    } catch (error) {
      refused.push({ provider, reason: messageOf(error) })
    }
  }
  if (!session) {
    answer({ kind: 'unusable', reason: refused.at(-1)?.reason ?? 'no provider was named' })
    port.close()
    return
  }
  const { provider, inputs, outputs } = session
  port.on('message', (message: SessionQuestion | null) => {
    if (message) void run(session, message).then(answer)
    else void session.close().finally(() => port.close())
  })
  answer({ kind: 'ready', provider, inputs, outputs, refused })
}

async function run(session: ModelSession, { inputs, into }: SessionQuestion): Promise<SessionAnswer> {
  try {
    const { outputs, runMs } = await session.run(inputs, into)
    return { kind: 'done', runMs, ...(!into && { outputs }) }
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) }
  }
}

/** Handed over as they are instead of being copied. */
function buffersOf(message: SessionAnswer): ArrayBuffer[] {
  if (message.kind !== 'done' || !message.outputs) return []
  // Texts are no buffers; a model that answers with them is refused by its head.
  return Object.values(message.outputs).flatMap(({ data }) =>
    ArrayBuffer.isView(data) ? [data.buffer as ArrayBuffer] : [],
  )
}

// Without a parent this file was merely imported, by a tool that looks at modules.
if (parentPort) await serve(parentPort, workerData as SessionOrder)
