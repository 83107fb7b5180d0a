import { z } from 'zod'
import { defineAgent, done, retry, runAgent } from '../../services/sdk/index.ts'

/**
 * An agent for tests of what happens to a process: it does with a step what the input says, and tells its parent. `hold` ends
 * when the parent says `finish`; `heed` also when its signal is aborted.
 */
const steered = defineAgent({
  name: 'steered',
  version: process.env.STEERED_VERSION ?? '1.0.0',
  capabilities: process.env.STEERED_CAPABILITIES?.split(',') ?? [],
  input: z.object({ mode: z.enum(['hold', 'heed', 'block', 'die', 'quick']), ms: z.number().optional() }),
  output: z.object({ pid: z.number() }),
  limits: { concurrency: 4 },
  async handle({ mode, ms = 0 }, ctx) {
    const tell = (kind: string) => process.send?.({ kind, taskId: ctx.taskId, attempt: ctx.attempt })
    tell('began')
    ctx.signal.addEventListener('abort', () => tell('aborted'))
    if (mode === 'block') blockFor(ms)
    if (mode === 'die') {
      await new Promise((resolve) => setTimeout(resolve, ms))
      process.kill(process.pid, 'SIGKILL')
    }
    if (mode === 'hold') await finished
    if (mode === 'heed') {
      await Promise.race([finished, new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))])
      if (ctx.signal.aborted) return retry('told to end')
    }
    tell('ended')
    return done({ pid: process.pid })
  },
})

const finished = new Promise<void>((resolve) => {
  process.on('message', (message) => {
    if (message === 'finish') resolve()
  })
})

function blockFor(ms: number): void {
  // Stands still as one that computes does, and leaves the core to others.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

await runAgent(steered)
