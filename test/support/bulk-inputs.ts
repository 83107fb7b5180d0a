import type { Test } from 'tap'
import { rssMb } from '../../loadtest/bench/measure.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from './bus.ts'
import { withServers } from './servers.ts'
import { endOfTask, startService } from './services.ts'

const MEGABYTE = 1024 * 1024
const POLL_INTERVAL_MS = 50

export interface BulkInputs {
  /** Lets an agent read so many documents of a megabyte in one step. @returns how much its process grew */
  read(agent: 'bulk-whole' | 'bulk-lazy' | 'bulk-stream', count: number): Promise<{ grownMb: number }>
}

/** Servers, an orchestrator, and agents that read large inputs. */
export async function startBulkInputs(t: Test, options: { storageGib: number }): Promise<BulkInputs> {
  const env = { MURMUR_STORAGE_GIB: String(options.storageGib) }
  const servers = await withServers(t)
  await startService(t, servers, 'services/orchestrator/main.ts', env)
  const agents = await startService(t, servers, 'test/support/bulk-agents.ts', env)
  const bus = await openBus(t, servers.natsUrl)
  return {
    async read(agent, count) {
      const plan = {
        steps: [
          { id: 'make', agent: 'bulk-make', input: { count }, timeoutMs: 600_000 },
          {
            id: 'read',
            agent,
            needs: ['make'],
            input: { documents: { $from: 'steps.make.output' } },
            timeoutMs: 600_000,
            retry: { maxAttempts: 1 },
          },
        ],
        output: { $from: 'steps.read.output' },
      }
      const { taskId } = (await bus.request(
        SERVICES.submitTask,
        { type: 'plan', plan },
        { timeoutMs: 10_000 },
      )) as { taskId: string }
      const before = rssMb(agents.pid!)
      let peak = before
      const looking = setInterval(() => {
        peak = Math.max(peak, rssMb(agents.pid!))
      }, POLL_INTERVAL_MS)
      const task = await endOfTask(bus, taskId, 600_000).finally(() => clearInterval(looking))
      t.match(task, { status: 'completed' }, JSON.stringify(task.error))
      const output = task.output as { documents: number; characters: number }
      const characters = count * (agent === 'bulk-stream' ? MEGABYTE : MEGABYTE - 2)
      t.strictSame(output, { documents: count, characters })
      const { attempt, startedAtMs, finishedAtMs } = task.steps.read!
      t.equal(attempt, 1)
      t.comment(`${agent}: ${count} MB in ${finishedAtMs! - startedAtMs!} ms, grown by ${peak - before} MB`)
      return { grownMb: peak - before }
    },
  }
}
