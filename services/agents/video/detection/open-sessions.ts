import type { Log } from '#platform/telemetry/logger.ts'
import type { ModelSession, Provider } from './onnx-session.ts'
import { openThreadedSession } from './threaded-session.ts'

export interface SessionsWanted {
  provider: Provider | 'auto'
  /** On a processor; a GPU has one. */
  sessions: number
  log: Pick<Log, 'info' | 'debug'>
}

/** WebGPU is not among them: without a GPU it is a renderer in software, slower than the processor itself. */
const AUTOMATIC: readonly Provider[] = ['tensorrt', 'cuda', 'cpu']

/**
 * Opens the model on the first provider that works, each session in a thread of its own.
 * @throws MurmurError MODEL_UNUSABLE when none does
 */
export async function openSessions(
  file: string,
  wanted: SessionsWanted,
): Promise<[ModelSession, ...ModelSession[]]> {
  const candidates = wanted.provider === 'auto' ? AUTOMATIC : [wanted.provider]
  const first = await openThreadedSession(file, candidates)
  const { provider, refused } = first
  for (const one of refused) wanted.log.debug(one, 'this provider is not here')
  wanted.log.info(
    { provider, notHere: refused.map((one) => one.provider) },
    'the provider that runs the network',
  )
  const further = provider === 'cpu' ? wanted.sessions - 1 : 0
  const others = await Promise.all(
    Array.from({ length: further }, () => openThreadedSession(file, [provider])),
  )
  return [first, ...others]
}
