import type { Test } from 'tap'
import { rssMb } from '../../loadtest/bench/measure.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from './bus.ts'
import { withServers } from './servers.ts'
import { endOfTask, startService } from './services.ts'

const MEGABYTE = 1024 * 1024
const POLL_INTERVAL_MS = 50

export type BulkAgent = 'bulk-whole' | 'bulk-lazy' | 'bulk-stream'

export interface BulkInputs {
  /**
   * Makes so many documents of a megabyte, and lets agents read all of them, each in one step, one agent after the other.
   * @returns how much the process of the agents had grown while they were made and one agent read them
   */
  read(agents: readonly BulkAgent[], count: number): Promise<{ grownMb: number }[]>
}

/** Servers, an orchestrator, and agents that read large inputs. */
export async function startBulkInputs(t: Test, options: { storageGib: number }): Promise<BulkInputs> {
  const env = { MURMUR_STORAGE_GIB: String(options.storageGib) }
  const servers = await withServers(t)
  const [agents] = await Promise.all([
    startService(t, servers, 'test/support/bulk-agents.ts', env),
    startService(t, servers, 'services/orchestrator/main.ts', env),
  ])
  const bus = await openBus(t, servers.natsUrl)
  return {
    async read(names, count) {
      const plan = {
        steps: [
          { id: 'make', agent: 'bulk-make', input: { count }, timeoutMs: 600_000 },
          ...names.map((agent, i) => ({
            id: agent,
            agent,
            needs: ['make', ...names.slice(0, i)],
            input: { documents: { $from: 'steps.make.output' } },
            timeoutMs: 600_000,
            retry: { maxAttempts: 1 },
          })),
        ],
        output: Object.fromEntries(names.map((agent) => [agent, { $from: `steps.${agent}.output` }])),
      }
      const before = rssMb(agents.pid!)
      const samples: { atMs: number; mb: number }[] = []
      const looking = setInterval(() => {
        samples.push({ atMs: Date.now(), mb: rssMb(agents.pid!) })
      }, POLL_INTERVAL_MS)
      const { taskId } = (await bus.request(
        SERVICES.submitTask,
        { type: 'plan', plan },
        { timeoutMs: 10_000 },
      )) as { taskId: string }
      const task = await endOfTask(bus, taskId, 600_000).finally(() => clearInterval(looking))
      t.match(task, { status: 'completed' }, JSON.stringify(task.error))
      const output = task.output as Record<BulkAgent, { documents: number; characters: number }>
      const peakIn = (step: string) => {
        const { startedAtMs, finishedAtMs } = task.steps[step]!
        const during = samples.filter(({ atMs }) => atMs >= startedAtMs! && atMs <= finishedAtMs!)
        return Math.max(before, ...during.map(({ mb }) => mb))
      }
      return names.map((agent) => {
        const characters = count * (agent === 'bulk-stream' ? MEGABYTE : MEGABYTE - 2)
        t.strictSame(output[agent], { documents: count, characters })
        const { attempt, startedAtMs, finishedAtMs } = task.steps[agent]!
        t.equal(attempt, 1)
        const grownMb = Math.max(peakIn('make'), peakIn(agent)) - before
        t.comment(`${agent}: ${count} MB in ${finishedAtMs! - startedAtMs!} ms, grown by ${grownMb} MB`)
        return { grownMb }
      })
    },
  }
}
